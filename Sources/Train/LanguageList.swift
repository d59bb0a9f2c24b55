import ArgumentParser
import Lexicon

/// Languages on a command line: canonical codes, in the order given.
struct LanguageList: ExpressibleByArgument, Equatable, Sendable {
    let codes: [String]

    init(_ codes: [String]) { self.codes = codes }

    /// `af,de,en`; spaces around codes are allowed. Codes are checked by `checked`, where the option is known.
    init?(argument: String) {
        let parts = argument.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        guard !parts.isEmpty else { return nil }
        codes = parts
    }

    /// The codes as canonical ones.
    /// - Throws: `TrainError` for a code that is none, and for one language given twice.
    func checked(option: String) throws -> [String] {
        var seen = Set<String>()
        return try codes.map { code in
            guard LanguageCode.isWellFormed(code.lowercased()) else {
                throw TrainError.badLanguage(option: option, code: code)
            }
            let canonical = LanguageCode.canonical(code)
            guard seen.insert(canonical).inserted else {
                throw TrainError.repeatedLanguage(option: option, code: code)
            }
            return canonical
        }
    }

    var defaultValueDescription: String { codes.joined(separator: ",") }
}

extension LanguageList {
    /// The 50 languages of XTREME-R, which the paper mines (§4).
    static let xtremeR = LanguageList(
        """
        af ar az bg bn de el en es et eu fa fi fr gu he hi ht hu id it ja jv ka kk ko lt ml mr ms my nl pa pl pt qu ro \
        ru sw ta te th tl tr uk ur vi wo yo zh
        """.split(separator: " ").map(String.init))

    /// The 15 languages of PanLex-BLI (§4).
    static let panLexBLI = LanguageList(
        "bg ca eo et eu fi he hu id ka ko lt no th tr".split(separator: " ").map(String.init))
}
