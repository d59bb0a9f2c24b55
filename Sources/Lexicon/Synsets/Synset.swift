import Diagnostics
import Files

/// A concept: the words that mean it in many languages and the sentences that explain it.
package struct Synset: Sendable, Equatable {
    /// A word (or an expression of several) in one language.
    package struct Lemma: Sendable, Equatable {
        /// As the source writes it: `en`, `EN`, `eng`.
        package var language: String
        package var text: String
        /// Where the lemma comes from: `wn`, `WIKIRED`; empty when the source does not say.
        package var source: String

        package init(language: String, text: String, source: String = "") {
            self.language = language
            self.text = text
            self.source = source
        }
    }

    /// A sentence that explains the concept in one language.
    package struct Gloss: Sendable, Equatable {
        package var language: String
        package var text: String

        package init(language: String, text: String) {
            self.language = language
            self.text = text
        }
    }

    package var id: String
    package var partOfSpeech: String
    /// Whether the concept is a person, a place or the like; nil when the source does not say.
    package var isNamedEntity: Bool?
    package var lemmas: [Lemma]
    package var glosses: [Gloss]

    package init(
        id: String, partOfSpeech: String = "", isNamedEntity: Bool? = nil, lemmas: [Lemma] = [], glosses: [Gloss] = []
    ) {
        self.id = id
        self.partOfSpeech = partOfSpeech
        self.isNamedEntity = isNamedEntity
        self.lemmas = lemmas
        self.glosses = glosses
    }
}

/// Synsets one after another, whatever they are read from.
package protocol SynsetReader: AnyObject {
    /// The file or folder, for messages.
    var path: String { get }
    /// Where the synset last returned stands: "synsets.jsonl: line 12".
    var place: String { get }
    /// The line last read, from 1; 0 where synsets have no line of their own.
    var lineNumber: Int { get }
    /// The next synset, or nil at the end.
    ///
    /// - Throws: `SkippableFault` for one bad synset, after which reading may go on; other errors end it.
    func next() throws -> Synset?
}

/// One bad row in a file that is otherwise good: the reader that threw it stands after it.
package struct SkippableFault: Diagnosable {
    package let underlying: any Diagnosable

    package init(_ underlying: LexiconError) { self.underlying = underlying }

    package init(_ underlying: FileError) { self.underlying = underlying }

    package var exitStatus: ExitStatus { underlying.exitStatus }
    package var description: String { underlying.description }
}

extension LineReader {
    /// The next line, or nil at the end.
    /// - Throws: `SkippableFault` for one bad line; `LexiconError` for what concerns the whole file; `SystemFault`.
    func nextOrSkippable() throws -> UnsafeBufferPointer<UInt8>? {
        do {
            return try next()
        } catch let error as FileError where error.isOfOneLine {
            throw SkippableFault(error)
        }
    }
}
