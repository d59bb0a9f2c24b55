import Lexicon

/// Opens a path as the kind of synset source it is.
enum SynsetInput {
    /// - Throws: `LexiconError`, `SystemFault`.
    static func open(_ path: String) throws -> any SynsetReader { try SynsetLinesReader(path: path) }
}
