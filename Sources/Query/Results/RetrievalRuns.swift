import Evaluation
import Files
import Lookup
import Store

/// Ranks as TREC's evaluation programs read them: a qrels file for each pair, a run for each pair and checkpoint.
///
/// The store keeps at which rank each query's gold stands, not which candidates stand before it: those have names
/// without a meaning ("before-1"), the gold is "gold". Reciprocal rank, success and precision at k, and average
/// precision follow from that alone.
/// - Source: TREC's formats as trec_eval 9 reads them: "topic 0 document relevance" and "topic Q0 document rank score
///   tag".
struct RetrievalRuns {
    private struct Run {
        let record: ResultRecord
        /// "en-fi", or "fra-eng.reverse" for the other direction of a set of sentences.
        let name: String
        let ranks: Ranks
    }

    private let runs: [Run]
    private let depth: Int
    /// Results whose ranks the store does not have.
    let withoutRanks: Int
    /// Golds that stand deeper than `depth`.
    var deeper: Int { runs.reduce(0) { $0 + $1.ranks.ranks.count { $0.rank > depth } } }
    var isEmpty: Bool { runs.isEmpty }

    /// - Parameters:
    ///   - records: of `bli` and `tatoeba`, one layer of each checkpoint and data set.
    ///   - depth: the last rank that is written.
    /// - Throws: `EvaluationError.damagedOutcomes`, and what `outcomes` throws.
    init(
        _ records: [ResultRecord], depth: Int, outcomes: (ResultRecord) throws -> ResultOutcomes?
    ) throws {
        var runs: [Run] = [], withoutRanks = 0
        for record in records {
            guard let lists = try outcomes(record)?.ranks() else {
                withoutRanks += 1
                continue
            }
            for (index, ranks) in lists.enumerated() {
                runs.append(Run(record: record, name: record.pair + (index == 0 ? "" : ".reverse"), ranks: ranks))
            }
        }
        (self.runs, self.depth, self.withoutRanks) = (runs, depth, withoutRanks)
    }

    /// - Returns: how many files were written.
    /// - Throws: `QueryError.sameFile` for names that differ only where a file's name cannot, `SystemFault`.
    func write(to folder: String) throws -> Int {
        var written: [String: String] = [:]
        func place(_ run: Run, _ suffix: String, of what: String) throws -> String {
            let own = [run.record.task, run.record.dataset].map(FileNameText.of).joined(separator: "/")
            try DurableFolder.create("\(folder)/\(own)")
            let path = "\(folder)/\(own)/\(FileNameText.of(run.name)).\(suffix)"
            if let other = written.updateValue(what, forKey: path), other != what {
                throw QueryError.sameFile(path: path, first: other, second: what)
            }
            return path
        }
        for group in Dictionary(grouping: runs.indices, by: { Topic(runs[$0]) }).values.sorted(by: { $0[0] < $1[0] }) {
            let first = runs[group[0]]
            let name = "\(first.record.task) \(first.record.dataset) \(first.name)"
            let qrels = try OutputFile(path: place(first, "qrels", of: name))
            // Checkpoints may lack vectors of different words: the judgements are for all.
            for position in Set(group.flatMap { runs[$0].ranks.positions }).sorted() {
                try qrels.append("\(position) 0 gold 1\n")
            }
            try qrels.finish()
            for index in group {
                let run = runs[index], tag = run.record.checkpoint
                let file = try OutputFile(path: place(run, "\(FileNameText.of(tag)).run", of: "\(name) \(tag)"))
                try write(run, tag: tag, to: file)
                try file.finish()
            }
        }
        return written.count
    }

    /// Scores fall by one a rank: programs sort by them and look at no rank.
    private func write(_ run: Run, tag: String, to file: OutputFile) throws {
        for (position, rank) in zip(run.ranks.positions, run.ranks.ranks.map(\.rank)) {
            // A gold that stands too deep leaves one candidate, so that its query is not missing from the mean.
            for before in 1..<(rank <= depth ? max(rank, 1) : 2) {
                try file.append("\(position) Q0 before-\(before) \(before) \(-before) \(tag)\n")
            }
            if rank <= depth { try file.append("\(position) Q0 gold \(rank) \(-rank) \(tag)\n") }
        }
    }

    /// What one qrels file is for.
    private struct Topic: Hashable {
        let parts: [String]

        init(_ run: Run) { parts = [run.record.task, run.record.dataset, run.name] }
    }
}

/// A name as a path component: everything but letters, digits and - _ . + = , becomes "_", and so does a leading dot.
enum FileNameText {
    static func of(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "+", "=", ",": text.unicodeScalars.append(scalar)
            case ".": text += text.isEmpty ? "_" : "."
            default: text += "_"
            }
        }
        return text.isEmpty ? "_" : text
    }
}
