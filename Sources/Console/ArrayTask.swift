#if canImport(Glibc)
import Glibc
#endif

/// Which task of an array a process is, as the engine that started it says: Slurm's job array, Kubernetes' Indexed Job.
package enum ArrayTask {
    package static let variables = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"]

    package enum Number: Equatable {
        /// No engine says.
        case none
        case number(Int)
        case malformed(variable: String, found: String)
    }

    /// The first of the variables that is set.
    /// - Parameter environment: the value of a variable; nil for one that is not set.
    package static func number(_ environment: (String) -> String? = variable) -> Number {
        for name in variables {
            guard let text = environment(name) else { continue }
            return Int(text).map(Number.number) ?? .malformed(variable: name, found: text)
        }
        return .none
    }

    /// nil when it is not set, or empty.
    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
