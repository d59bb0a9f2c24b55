import Console

/// Looks up now and then from a long table: says how far it is, and whether the user wants to stop.
final class RowWatch {
    private let output: OutputOptions
    private var lastRemark = monotonicSeconds()

    private static let interval = 10.0

    init(output: OutputOptions) { self.output = output }

    /// - Throws: `ConsoleError.stopped`.
    func pass(row: Int) throws {
        guard row % 8192 == 0 else { return }
        if StopRequest.isMade { throw ConsoleError.stopped(advice: "nothing was written") }
        let now = monotonicSeconds()
        guard now - lastRemark >= Self.interval else { return }
        lastRemark = now
        output.remark("\(Quantity.grouped(row)) rows read")
    }
}
