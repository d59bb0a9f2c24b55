import Console
import Synchronization

/// What the crew has done so far, counted from several threads.
final class EncodingTally: Sendable {
    private struct Counts {
        var operations = 0.0
        var sequences = 0
        var tokens = 0
        var last: Double?
    }

    private let started = monotonicSeconds()
    private let counts = Mutex(Counts())
    private let bar = Mutex<(any ProgressReporter)?>(nil)

    var progress: (any ProgressReporter)? {
        get { bar.withLock { $0 } }
        set { bar.withLock { $0 = newValue } }
    }

    func add(operations: Double, sequences: Int, tokens: Int) {
        counts.withLock { counts in
            counts.operations += operations
            counts.sequences += sequences
            counts.tokens += tokens
            counts.last = monotonicSeconds()
        }
    }

    /// Adds everything to a report; encoding time runs until the last batch.
    func add(to report: inout BuildReport.Checkpoint) {
        let counts = counts.withLock { $0 }
        report.operations += counts.operations
        report.sequences += counts.sequences
        report.tokens += counts.tokens
        if let last = counts.last { report.encodingSeconds += last - started }
    }
}

extension BuildReport.Checkpoint {
    mutating func add(_ tally: EncodingTally) { tally.add(to: &self) }
}
