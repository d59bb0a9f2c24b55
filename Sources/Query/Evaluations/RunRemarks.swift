import Lookup

/// What an evaluation says beside its results.
extension EvaluationRun {
    /// What was given and could not be evaluated.
    func tellSkipped(_ observer: TerminalObserver) {
        for reason in skipped.prefix(20) { observer.remark("skipped: \(reason)") }
        if skipped.count > 20 { observer.remark("skipped: \(skipped.count - 20) more like these") }
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
