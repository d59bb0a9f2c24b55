import Encoder
import Fingerprinting
import Lexicon
import Store

/// Whether what is stored is still what a build would make: looks at the files things were made from.
struct SourceState {
    /// Why something is stale; nil when it is current.
    typealias Reason = String

    private var sentenceSets: [String: Result<SentenceSet, any Error>] = [:]

    /// Opens the folder a checkpoint was read from and compares fingerprints.
    func reason(_ record: CheckpointRecord) -> Reason? {
        do {
            let now = try Checkpoint(folder: record.source).fingerprint
            return now == record.fingerprint
                ? nil : "checkpoint changed: \(record.source) is now \(now.short), was \(record.fingerprint.short)"
        } catch {
            return "checkpoint cannot be read: \(error)"
        }
    }

    /// Reads the texts a collection was made from again and compares fingerprints.
    mutating func reason(_ record: CollectionRecord) -> Reason? {
        do {
            let now: Fingerprint
            switch record.name {
            case .words(let language):
                now = try VocabularyReader.read(
                    path: record.source, language: language, top: record.top, skippingBadLines: true
                ).fingerprint
            case .sentences(let name, let language):
                let set = try sentenceSet(name, source: record.source).get()
                guard
                    let side = CollectionInput.sides(of: set, files: []).first(where: { $0.name == record.collection })
                else { return "texts changed: \(record.source) has no side '\(language)'" }
                now = side.fingerprint
            case nil: return nil
            }
            return now == record.sourceFingerprint ? nil : "texts changed: \(record.source)"
        } catch {
            return "texts cannot be read: \(error)"
        }
    }

    /// Both sides of a set are asked about one after the other.
    private mutating func sentenceSet(_ name: String, source: String) -> Result<SentenceSet, any Error> {
        if let known = sentenceSets[source] { return known }
        let result = Result { try SentenceSetReader.read(Self.files(name, source: source), skippingBadLines: true) }
        sentenceSets = [source: result]
        return result
    }

    private static func files(_ name: String, source: String) throws -> SentenceFolder.Files {
        guard let languages = InputSelection.languages(name) else {
            throw LexiconError.unknownName(path: source, expected: "a set named like fra-eng")
        }
        let paths = InputSelection.paths(source)
        return SentenceFolder.Files(
            name: name, firstLanguage: languages.first, secondLanguage: languages.second, first: paths.first,
            second: paths.second)
    }
}
