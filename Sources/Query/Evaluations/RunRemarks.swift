import Console
import Lookup

/// What an evaluation says beside its results.
extension EvaluationRun {
    /// What was given and could not be evaluated.
    func tellSkipped(_ observer: TerminalObserver) {
        for reason in skipped.prefix(20) { observer.remark("skipped: \(reason)") }
        if skipped.count > 20 { observer.remark("skipped: \(skipped.count - 20) more like these") }
    }

    /// How many candidates were set behind all others as words of another language, and how many golds among them.
    func tellForeign(_ native: NativeCandidates, _ output: OutputOptions) {
        if native == .off { return }
        // The same at every layer.
        var pairs: [String: (candidates: Int, golds: Int)] = [:]
        for record in records {
            guard let candidates = record.provenance["foreign_candidates"].flatMap(Int.init),
                let golds = record.provenance["foreign_golds"].flatMap(Int.init)
            else { continue }
            pairs["\(record.checkpoint) \(record.dataset) \(record.pair)"] = (candidates, golds)
        }
        let candidates = pairs.values.reduce(0) { $0 + $1.candidates }, golds = pairs.values.reduce(0) { $0 + $1.golds }
        output.remark(
            "query: --native \(native.rawValue): \(Quantity.counted(candidates, "candidate")) of "
                + "\(Quantity.counted(pairs.count, "pair")) left out, behind all others, as "
                + "words of another language; golds among them: \(Quantity.grouped(golds))")
    }

    /// What results are not in the store, and why.
    func tellWhatWasKept(_ observer: TerminalObserver) {
        let folder = store.folder
        if let reason = readOnlyReason {
            observer.warn("\(folder): the store cannot be written (\(reason)), so these results were not kept")
        } else if let failure = saveFailure {
            observer.warn("results were not kept: \(failure)")
        } else if overtaken > 0 {
            observer.warn(
                "\(folder): the store was changed meanwhile; \(overtaken) of these results belong to what it held "
                    + "before and were not kept; run the same command again for what it holds now")
        }
    }
}
