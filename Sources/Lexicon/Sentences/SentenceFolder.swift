import Files

/// The sentence sets in a folder (that folder alone), told by their names.
///
/// - Two files, as Tatoeba and WMT name them: `tatoeba.fra-eng.fra` beside `tatoeba.fra-eng.eng`, `fra-eng.fra` beside
///   `fra-eng.eng`, `europarl.fr-en.fr` beside `europarl.fr-en.en`.
/// - One file of two tab-separated columns: `fra-eng.tsv`, `europarl.fr-en.tsv`.
/// - Each also with `.gz`.
///
/// A set is named after its languages, "fra-eng"; with another prefix than `tatoeba` the prefix belongs to the name
/// ("europarl.fr-en"), so that several corpora of one pair can stand side by side.
package struct SentenceFolder: Sendable {
    package struct Files: Sendable, Equatable {
        package let name: String
        package let firstLanguage: String
        package let secondLanguage: String
        /// The file of the first language, or the one that holds both as columns.
        package let first: String
        /// The file of the second language; nil when `first` holds both.
        package let second: String?

        package init(name: String, firstLanguage: String, secondLanguage: String, first: String, second: String?) {
            self.name = name
            self.firstLanguage = firstLanguage
            self.secondLanguage = secondLanguage
            self.first = first
            self.second = second
        }
    }

    /// Sorted by name.
    package let sets: [Files]
    package let ignored: [String]

    private struct Side {
        let set: String
        let pair: (first: String, second: String)
        /// The language of this file; nil for a file with both.
        let language: String?
        let file: String
    }

    /// - Throws: `LexiconError` (missing folder, a set without its other half or there twice, no set at all),
    ///   `SystemFault`.
    package init(_ folder: String) throws {
        var sides: [Side] = []
        var ignored: [String] = []
        for name in try FolderListing.names(of: folder) {
            if let side = Self.side(name) { sides.append(side) } else { ignored.append(name) }
        }
        sides.sort {
            ($0.set, $0.language == $0.pair.second ? 1 : 0, $0.file)
                < ($1.set, $1.language == $1.pair.second ? 1 : 0, $1.file)
        }
        var sets: [Files] = []
        var at = 0
        while at < sides.count {
            let first = sides[at]
            let group = sides[at...].prefix { $0.set == first.set }
            at = group.endIndex
            sets.append(try Self.files(of: Array(group), in: folder))
        }
        guard !sets.isEmpty else {
            throw LexiconError.nothingFound(
                folder: folder,
                expected: "sentence files named like tatoeba.fra-eng.fra and tatoeba.fra-eng.eng, or fra-eng.tsv",
                ignored: ignored)
        }
        self.sets = sets
        self.ignored = ignored
    }

    /// The sentence sets in a folder, sorted by name; what is left out is said.
    package static func list(_ folder: String) throws -> [Files] {
        let found = try SentenceFolder(folder)
        LeftOutFiles.say(
            found.ignored, of: folder,
            because: "no name of a sentence set; give one as --sentence-pair <l1>-<l2>=FILE[,FILE]")
        return found.sets
    }

    private static func files(of group: [Side], in folder: String) throws -> Files {
        let one = group[0]
        let path = { InputFileName.join(folder, $0) }
        if let third = group.first(where: { $0.language == nil && group.count > 1 }) ?? group.dropFirst(2).first {
            let other = group.first { $0.file != third.file }?.file ?? third.file
            throw LexiconError.ambiguous(
                folder: folder, what: "files of sentence set '\(one.set)'", first: other, second: third.file)
        }
        guard let language = one.language else {
            return Files(
                name: one.set, firstLanguage: one.pair.first, secondLanguage: one.pair.second, first: path(one.file),
                second: nil)
        }
        guard group.count == 2 else {
            let partner = language == one.pair.first ? one.pair.second : one.pair.first
            let stem = InputFileName.plain(one.file).dropLast(language.utf8.count)
            throw LexiconError.missingPartner(path: path(one.file), expected: stem + partner)
        }
        guard language != group[1].language else {
            throw LexiconError.ambiguous(
                folder: folder, what: "the \(language) sentences of '\(one.set)'", first: one.file,
                second: group[1].file)
        }
        return Files(
            name: one.set, firstLanguage: one.pair.first, secondLanguage: one.pair.second, first: path(one.file),
            second: path(group[1].file))
    }

    private static func side(_ name: String) -> Side? {
        let parts = InputFileName.parts(name)
        guard parts.count >= 2, let pair = InputFileName.pair(parts[parts.count - 2]), pair.first != pair.second else {
            return nil
        }
        let ending = parts[parts.count - 1]
        guard ending == "tsv" || ending == pair.first || ending == pair.second else { return nil }
        let prefix = parts.dropLast(2)
        let bare = prefix.isEmpty || Array(prefix) == ["tatoeba"]
        let set = bare ? parts[parts.count - 2] : parts.dropLast().joined(separator: ".")
        return Side(set: set, pair: pair, language: ending == "tsv" ? nil : ending, file: name)
    }
}
