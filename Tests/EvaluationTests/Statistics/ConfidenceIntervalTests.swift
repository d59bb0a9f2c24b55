import Testing

@testable import Evaluation

/// Expected values: SciPy 1.15.3 and NumPy 2.2.6 (`scipy.stats.norm`, `t`, `binomtest(…).proportion_ci("wilson")`,
/// `numpy.percentile`).
@Suite struct ConfidenceIntervalTests {
    @Test func quantilesOfScipy() {
        for (p, z) in [
            (0.025, -1.9599639845400545), (0.5, 0), (0.9, 1.2815515655446004), (0.999999, 4.753424308817087),
            (1e-9, -5.9978070150076865),
        ] {
            #expect(abs(NormalDistribution.quantile(p) - z) < 1e-12)
        }
        for (p, degrees, t, cumulative) in [
            (0.975, 1.0, 12.706204736432095, 0.7912855998398474), (0.975, 5, 2.570581835636314, 0.8748496829146615),
            (0.9, 27, 1.3137029128292739, 0.8977049809070123), (0.001, 3, -10.214531852405337, 0.8577662456360515),
            (0.975, 1999, 1.9611514201705613, 0.9031245782965067),
        ] {
            #expect(abs(StudentDistribution.quantile(p, degrees: degrees) - t) < 1e-9 * abs(t))
            #expect(abs(StudentDistribution.cumulative(1.3, degrees: degrees) - cumulative) < 1e-12)
        }
    }

    @Test func wilsonIsScipys() {
        for (successes, trials, lower, upper) in [
            (0, 10, 0, 0.27753279986288926), (3, 10, 0.10779126740630102, 0.6032218525388546),
            (10, 10, 0.7224672001371109, 1), (871, 1000, 0.8487959904982231, 0.8903645547054949),
        ] {
            let interval = ConfidenceInterval.wilson(successes: successes, trials: trials)
            #expect(close(interval, lower, upper))
        }
        #expect(ConfidenceInterval.wilson(successes: 0, trials: 0) == nil)
    }

    @Test func spearmanByBonettAndWright() {
        #expect(close(.spearman(rho: 0.3, pairs: 58), 0.03933690432112804, 0.522434258865142))
        #expect(close(.spearman(rho: -0.7, pairs: 10), -0.9346394057899298, -0.040700213299637536))
        #expect(close(.spearman(rho: 0.95, pairs: 1500), 0.9436921961777787, 0.9556173160066609))
        #expect(ConfidenceInterval.spearman(rho: 0.5, pairs: 3) == nil)
        #expect(ConfidenceInterval.spearman(rho: .nan, pairs: 30) == nil)
        #expect(ConfidenceInterval.spearman(rho: 1, pairs: 30) == nil)
    }

    @Test func expandedPercentileIsNumpysAtHesterbergsLevel() {
        let interval = ConfidenceInterval.expandedPercentile([5, 1, 4, 2, 8, 7, 3, 3.5], observations: 8)
        #expect(close(interval, 1.040162643619209, 7.959837356380792))
        #expect(ConfidenceInterval.expandedPercentile([1, 2], observations: 1) == nil)
        #expect(ConfidenceInterval.expandedPercentile([], observations: 10) == nil)
    }

    private func close(_ interval: ConfidenceInterval?, _ lower: Double, _ upper: Double) -> Bool {
        guard let interval else { return false }
        return abs(interval.lower - lower) < 1e-12 && abs(interval.upper - upper) < 1e-12
    }
}
