import Lexicon

/// What a source's language code means for a run: one of the chosen languages, another, or no language at all.
enum LanguageMatch: Equatable {
    /// Canonical code of the chosen language.
    case chosen(String)
    case other
    case unknown
}

/// Answers for each spelling of a code once.
struct LanguageMatcher {
    private let chosen: Set<String>
    /// Norwegian is written in two ways, and wordnets are of one of them.
    private static let macroLanguages = ["nb": "no", "nn": "no"]
    private var known: [String: LanguageMatch] = [:]
    private var english: [String: Bool] = [:]

    /// - Parameter languages: canonical codes.
    init(languages: [String]) { chosen = Set(languages) }

    /// A code with a script or a region (`cmn-Hans`, `pt-BR`, `en-GB`) counts as its language, unless it is chosen
    /// itself; Bokmål and Nynorsk likewise count as Norwegian (`no`). Other subtags make another language:
    /// `zh-classical`, `zh-min-nan`.
    mutating func match(_ code: String) -> LanguageMatch {
        if let match = known[code] { return match }
        let canonical = LanguageCode.canonical(code)
        let match: LanguageMatch
        if chosen.contains(canonical) {
            match = .chosen(canonical)
        } else if !LanguageCode.isWellFormed(canonical) {
            match = .unknown
        } else {
            let plain = Self.withoutScriptAndRegion(canonical)
            let macro = Self.macroLanguages[plain].flatMap { chosen.contains($0) ? $0 : nil }
            match = chosen.contains(plain) ? .chosen(plain) : macro.map { .chosen($0) } ?? .other
        }
        // A dump of nonsense must not fill the memory with its codes.
        if known.count < 10_000 { known[code] = match }
        return match
    }

    /// Whether a code means English, chosen or not.
    mutating func isEnglish(_ code: String) -> Bool {
        if code == "en" { return true }
        if let known = english[code] { return known }
        let answer = Self.withoutScriptAndRegion(LanguageCode.canonical(code)) == "en"
        if english.count < 10_000 { english[code] = answer }
        return answer
    }

    /// Drops subtags of four letters (scripts), two letters or three digits (regions) of a canonical code.
    private static func withoutScriptAndRegion(_ code: String) -> String {
        let parts = code.split(separator: "-")
        return parts.enumerated().filter { position, part in
            if position == 0 { return true }
            let isRegion = part.utf8.count == 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            let isLetters = part.utf8.allSatisfy { (0x61...0x7a).contains($0) }
            return !(isRegion || isLetters && (part.utf8.count == 2 || part.utf8.count == 4))
        }.map { String($0.element) }.joined(separator: "-")
    }
}
