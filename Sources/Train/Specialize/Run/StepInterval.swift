import ArgumentParser

/// How often something happens: `0.25` in a unit of the option's own (epochs, minutes), or `200steps`.
enum StepInterval: Equatable, Sendable, ExpressibleByArgument {
    case units(Double)
    case steps(Int)

    init?(argument: String) {
        if argument.hasSuffix("steps") || argument.hasSuffix("step") {
            let digits = argument.prefix { $0.isNumber }
            guard let count = Int(digits), count > 0, ["steps", "step"].contains(argument.dropFirst(digits.count)) else {
                return nil
            }
            self = .steps(count)
        } else {
            guard let value = Double(argument), value > 0, value.isFinite else { return nil }
            self = .units(value)
        }
    }

    var text: String {
        switch self {
        case .units(let value): "\(value)"
        case .steps(let count): "\(count)steps"
        }
    }

    var defaultValueDescription: String { text }
}
