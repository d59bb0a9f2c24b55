import Evaluation
import Fingerprinting
import Lexicon
import Store

/// The halves of the queries of stored results. A result keeps where its queries stand in their data, not what they
/// are: words are read again from the dictionary a result names, sentences are in the store.
///
/// Not for several threads at once.
final class StoredHalves {
    private let checkpoints: [StoredCheckpoint]
    private var dictionaries: [Fingerprint: QueryHalves] = [:]
    private var sentences: [String: QueryHalves] = [:]

    /// - Parameter checkpoints: of one state of the store.
    init(_ checkpoints: [CheckpointSnapshot]) { self.checkpoints = checkpoints.map { StoredCheckpoint($0) } }

    /// - Parameter data: of the result's queries, as its outcomes name it.
    /// - Throws: `SelectedScores.Impossible` where the queries are not to be found any more; `StoreError`.
    func halves(of record: ResultRecord, _ data: Fingerprint) throws -> QueryHalves {
        if record.task == ResultSchema.tatoeba.task { return try sentences(record, data) }
        if let known = dictionaries[data] { return known }
        let dictionary = try dictionary(record, data)
        var halves = QueryHalves()
        for row in 0..<dictionary.count { dictionary.source.withBytes(at: row) { halves.add($0, at: row) } }
        dictionaries[data] = halves
        return halves
    }

    private func dictionary(_ record: ResultRecord, _ data: Fingerprint) throws -> BilingualDictionary {
        let advice = "`query bli --select-on half` takes dictionaries from wherever they are"
        guard let path = record.provenance["dictionary"],
            let pair = DictionaryFolder.named("\(record.pair)=").pair
        else { throw SelectedScores.Impossible(reason: "\(record.pair) names no dictionary; \(advice)") }
        let dictionary: BilingualDictionary
        do {
            dictionary = try DictionaryReader.read(
                path: path, sourceLanguage: pair.0, targetLanguage: pair.1, isSilent: true)
        } catch {
            throw SelectedScores.Impossible(
                reason: "the words of \(record.pair) cannot be read again (\(error)); \(advice)")
        }
        guard dictionary.fingerprint == data else {
            throw SelectedScores.Impossible(
                reason: "\(path) holds other words by now (\(dictionary.fingerprint.short), not \(data.short)); "
                    + "\(advice)")
        }
        return dictionary
    }

    private func sentences(_ record: ResultRecord, _ data: Fingerprint) throws -> QueryHalves {
        let place = "\(record.checkpoint) \(record.pair)"
        if let known = sentences[place] { return known }
        guard let checkpoint = checkpoints.first(where: { $0.name == record.checkpoint }),
            let set = StoredSentenceSet.all(in: checkpoint, incomplete: { _ in }).first(where: {
                $0.name == record.pair && $0.fingerprint == data
            })
        else {
            throw SelectedScores.Impossible(
                reason: "the sentences of \(record.pair) are not stored any more; the same evaluation computes its "
                    + "results again")
        }
        var halves = QueryHalves()
        try checkpoint.texts(of: set.queries).forEach { _, text, line in halves.add(text, at: Int(line)) }
        sentences[place] = halves
        return halves
    }
}
