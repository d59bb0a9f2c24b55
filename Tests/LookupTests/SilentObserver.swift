@testable import Lookup

/// Looks at nothing and lets everything go on.
final class SilentObserver: EvaluationObserver {
    func begin(_ task: String, weight: Double, unit: String, isFloatingPoint: Bool) {}
    func phase(_ name: String) {}
    func advance(weight: Double, items: Int) {}
    func finish() {}
    func remark(_ text: String) {}
    func warn(_ text: String) {}
    func checkForStop() throws {}
}
