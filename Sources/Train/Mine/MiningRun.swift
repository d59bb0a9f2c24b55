import Console
import Diagnostics
import Lexicon

/// Feeds synsets to the miner and its pairs to a table; decides what a bad row does.
struct MiningRun {
    var miner: SynsetMiner
    /// Whether a bad row ends the run; otherwise it is skipped, counted, and the first ones are shown.
    let strict: Bool
    let remark: (String) -> Void
    private var shown = 0
    private var lastRemark = monotonicSeconds()

    private static let shownRows = 5
    private static let remarkInterval = 10.0

    init(miner: SynsetMiner, strict: Bool, remark: @escaping (String) -> Void) {
        self.miner = miner
        self.strict = strict
        self.remark = remark
    }

    /// - Throws: `LexiconError`, `SystemFault`, `TrainError`, `ConsoleError.stopped`.
    mutating func read(_ reader: any SynsetReader, into writer: ConstraintWriter) throws {
        while true {
            let synset: Synset?
            do {
                synset = try reader.next()
            } catch let fault as SkippableFault {
                if strict { throw fault }
                miner.countSkippedRow()
                show("skipped: \(fault.description)")
                continue
            }
            guard let synset else { return }
            let before = miner.tally
            if try miner.mine(synset, emit: writer.write) {
                if strict, miner.tally.defects > before.defects {
                    throw TrainError.defectiveSynset(place: reader.place, id: synset.id, what: defect(since: before))
                }
            } else {
                let fault = TrainError.repeatedSynset(place: reader.place, id: synset.id)
                if strict { throw fault }
                show("skipped: \(reader.place): the synset '\(synset.id)' was read before")
            }
            if miner.tally.synsets % 1024 == 0 { try look() }
        }
    }

    private func defect(since before: MiningTally) -> String {
        if miner.tally.emptyLemmas > before.emptyLemmas { return "an empty lemma" }
        if miner.tally.emptyGlosses > before.emptyGlosses { return "an empty gloss" }
        return "a lemma or gloss whose language is no language code"
    }

    private mutating func show(_ message: String) {
        shown += 1
        if shown <= Self.shownRows { remark(message) }
        if shown == Self.shownRows + 1 { remark("more rows are skipped; the report counts them") }
    }

    /// Now and then: progress, and whether the user wants to stop.
    private mutating func look() throws {
        if StopRequest.isMade { throw ConsoleError.stopped(advice: "nothing was written") }
        let now = monotonicSeconds()
        guard now - lastRemark >= Self.remarkInterval else { return }
        lastRemark = now
        remark(
            "\(Quantity.counted(miner.tally.synsets, "synset")) read, \(Quantity.counted(miner.tally.pairs, "pair"))"
                + (miner.tally.waitingPairs > 0
                    ? ", \(Quantity.grouped(miner.tally.waitingPairs)) more to be compared at the end" : ""))
    }
}
