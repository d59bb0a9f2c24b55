import Lexicon

/// A bilingual dictionary named on the command line, `en-it=FILE` or a file whose name tells its languages.
struct ValidationDictionary: Sendable {
    let dictionary: BilingualDictionary
    let sourceLanguage: String
    let targetLanguage: String

    var pair: String { dictionary.name }

    /// - Throws: `SpecializeError.badOption`, `LexiconError`, `SystemFault`.
    init(argument: String) throws {
        let (pair, path) = Self.split(argument)
        if let pair {
            dictionary = try DictionaryReader.read(path: path, sourceLanguage: pair.0, targetLanguage: pair.1)
        } else if DictionaryFolder.file(path) != nil {
            dictionary = try DictionaryReader.read(path: path)
        } else {
            throw SpecializeError.badOption(
                option: "--validation", expected: "<source>-<target>=<file>, such as en-it=en-it.train.tsv", found: argument)
        }
        sourceLanguage = LanguageCode.canonical(dictionary.sourceLanguage)
        targetLanguage = LanguageCode.canonical(dictionary.targetLanguage)
    }

    /// `en-it=path` taken apart; no languages when what stands before the `=` is no pair of codes.
    static func split(_ argument: String) -> (pair: (String, String)?, path: String) {
        guard let equals = argument.firstIndex(of: "=") else { return (nil, argument) }
        let codes = argument[..<equals].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard codes.count == 2, codes.allSatisfy({ LanguageCode.isPlain($0) }) else { return (nil, argument) }
        return ((codes[0], codes[1]), String(argument[argument.index(after: equals)...]))
    }
}
