import Files

/// Files, archives and folders of synsets, told by their names: `.xml` is WN-LMF, `.tab` the Open Multilingual Wordnet,
/// `.jsonl` JSON Lines; each also packed, or in a `.zip` or `.tar` of a release, of which every member of these names
/// is read. A file given by hand under another name is told by its first character: `<` is XML, `{` JSON, anything else
/// a `.tab` file when its first row is one.
///
/// A folder is read with the folders inside it, to a depth of eight, in byte order of names. Wordnet files of one kind
/// are joined, so they are read where the first of them stands.
package enum SynsetFiles {
    private enum Kind { case lines, lmf, tab }

    /// - Returns: what reads everything named, in order.
    /// - Throws: `LexiconError` (a folder or archive without such files), `FileError`, `SystemFault`.
    package static func open(_ paths: [String]) throws -> any SynsetReader {
        var groups: [(kind: Kind, places: [TextSequence.Place])] = []
        for path in paths {
            for (kind, place) in try places(at: path) {
                if kind != .lines, let at = groups.firstIndex(where: { $0.kind == kind }) {
                    groups[at].places.append(place)
                } else {
                    groups.append((kind, [place]))
                }
            }
        }
        return SynsetReaderSequence(
            groups.map { kind, places in
                switch kind {
                case .lines: SynsetLinesReader(places)
                case .lmf: WordnetLMFReader(places)
                case .tab: WordnetTabReader(places)
                }
            })
    }

    private static func places(at path: String) throws -> [(Kind, TextSequence.Place)] {
        let expected = "synsets: .tab, .xml or .jsonl files, packed or in an archive"
        let listing: FolderTree
        do {
            listing = try FolderTree(path)
        } catch FileError.wrongKind {
            if let kind = kind(path) { return [(kind, .init(path: path))] }
            guard let members = try ArchiveMembers.names(of: path) else {
                return [(try kindByContents(path), .init(path: path))]
            }
            let found = inArchive(path, members)
            guard !found.isEmpty else {
                throw LexiconError.nothingFound(folder: path, expected: expected, ignored: members)
            }
            return found
        }
        var found: [(Kind, TextSequence.Place)] = []
        var ignored: [String] = []
        for name in listing.files {
            let file = InputFileName.join(path, name)
            if let kind = kind(name) {
                found.append((kind, .init(path: file)))
            } else if isArchive(name), let members = try ArchiveMembers.names(of: file) {
                let inner = inArchive(file, members)
                if inner.isEmpty { ignored.append(name) } else { found += inner }
            } else {
                ignored.append(name)
            }
        }
        guard !found.isEmpty else {
            throw LexiconError.nothingFound(folder: path, expected: expected, ignored: ignored)
        }
        LeftOutFiles.say(
            ignored.filter { !FolderTree.isAttachment($0) }, of: path,
            because: "no name of a synset file: .tab, .xml, .jsonl")
        return found
    }

    /// One place for each kind in an archive: the archive is gone through once for each.
    private static func inArchive(_ path: String, _ members: [String]) -> [(Kind, TextSequence.Place)] {
        let kinds = members.map { (name: $0, kind: kind($0)) }
        let left = kinds.filter { $0.kind == nil }.map(\.name)
        let found = [Kind.tab, .lmf, .lines].compactMap { kind -> (Kind, TextSequence.Place)? in
            let names = kinds.filter { $0.kind == kind }.map(\.name)
            return names.isEmpty ? nil : (kind, .init(path: path, members: Set(names)))
        }
        if !found.isEmpty {
            let count = members.count - left.count
            InputRemark.say(
                "\(path): reads \(count == 1 ? "1 wordnet file" : "\(count) wordnet files") in it"
                    + (left.isEmpty ? "" : ", leaves out \(left.count) of other names"))
        }
        return found
    }

    private static func isArchive(_ name: String) -> Bool {
        name.contains(".tar") || [".zip", ".tgz", ".txz", ".tbz2"].contains { name.hasSuffix($0) }
    }

    private static func kind(_ name: String) -> Kind? {
        let plain = InputFileName.plain(name)
        return plain.hasSuffix(".tab")
            ? .tab : plain.hasSuffix(".xml") ? .lmf : plain.hasSuffix(".jsonl") ? .lines : nil
    }

    private static func kindByContents(_ path: String) throws -> Kind {
        let reader = try LineReader(path: path)
        while let line = try? reader.next() {
            guard let first = line.first(where: { $0 > 0x20 }) else { continue }
            if first == UInt8(ascii: "<") { return .lmf }
            return first != UInt8(ascii: "{") && WordnetTabReader.isRow(line) ? .tab : .lines
        }
        return .lines
    }
}

/// Several readers, one after another.
final class SynsetReaderSequence: SynsetReader {
    private let readers: [any SynsetReader]
    private var position = 0

    init(_ readers: [any SynsetReader]) {
        precondition(!readers.isEmpty)
        self.readers = readers
    }

    private var current: any SynsetReader { readers[min(position, readers.count - 1)] }

    var path: String { current.path }
    var place: String { current.place }
    var lineNumber: Int { current.lineNumber }

    func next() throws -> Synset? {
        while position < readers.count {
            if let synset = try readers[position].next() { return synset }
            position += 1
        }
        return nil
    }
}
