#if canImport(Glibc)
import Glibc
#endif

/// The standard normal distribution.
package enum NormalDistribution {
    /// P(Z ≤ z).
    package static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// z with P(Z ≤ z) = p, for 0 < p < 1; agrees with `scipy.stats.norm.ppf` to 1e-12.
    package static func quantile(_ p: Double) -> Double {
        precondition(p > 0 && p < 1)
        // The lower tail has small numbers' precision, the upper one that of numbers near 1.
        return p <= 0.5 ? invert(p, lower: -40, upper: 0, cumulative) : -quantile(1 - p)
    }
}

/// Student's t distribution.
package enum StudentDistribution {
    /// P(T ≤ t) with `degrees` ≥ 1 degrees of freedom, through the regularised incomplete beta function.
    package static func cumulative(_ t: Double, degrees: Double) -> Double {
        precondition(degrees >= 1)
        let tail = 0.5 * IncompleteBeta.regularised(degrees / (degrees + t * t), a: degrees / 2, b: 0.5)
        return t > 0 ? 1 - tail : tail
    }

    /// t with P(T ≤ t) = p, for 0 < p < 1; agrees with `scipy.stats.t.ppf` to 1e-9 of its size.
    package static func quantile(_ p: Double, degrees: Double) -> Double {
        precondition(p > 0 && p < 1)
        // The heaviest tail, one degree of freedom, is Cauchy's: its quantile bounds the others'.
        let bound = max(1, abs(tan(.pi * (p - 0.5)))) * 2
        return invert(p, lower: -bound, upper: bound) { cumulative($0, degrees: degrees) }
    }
}

/// I_x(a, b), by the continued fraction of Lentz's method.
/// - Source: Press et al., Numerical Recipes, §6.4.
enum IncompleteBeta {
    /// Terms after which the fraction has converged for every a and b in use (it needs about the square root of the
    /// larger).
    private static let mostTerms = 10_000
    /// Keeps denominators from zero.
    private static let tiny = 1e-300

    static func regularised(_ x: Double, a: Double, b: Double) -> Double {
        precondition((0...1).contains(x) && a > 0 && b > 0)
        if x == 0 || x == 1 { return x }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(x, a, b) / a
            : 1 - front * fraction(1 - x, b, a) / b
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        var c = 1.0
        var d = 1 / nonZero(1 - (a + b) * x / (a + 1))
        var result = d
        for m in 1...mostTerms {
            let m = Double(m)
            for term in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / nonZero(1 + term * d)
                c = nonZero(1 + term / c)
                result *= c * d
            }
            if abs(c * d - 1) < 1e-16 { break }
        }
        return result
    }

    private static func nonZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
}

/// x with f(x) = p for a rising f, by halving until the interval holds no other number.
private func invert(_ p: Double, lower: Double, upper: Double, _ f: (Double) -> Double) -> Double {
    var (lower, upper) = (lower, upper)
    while true {
        let middle = lower + (upper - lower) / 2
        if middle <= lower || middle >= upper { return middle }
        if f(middle) < p { lower = middle } else { upper = middle }
    }
}
