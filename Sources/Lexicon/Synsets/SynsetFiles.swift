import Files

/// Files and folders of synsets, told by their names: `.xml` is WN-LMF, `.tab` the Open Multilingual Wordnet, anything
/// else given by hand JSON Lines; each also with `.gz`.
///
/// A folder is read with the folders inside it, to a depth of eight, in byte order of names; there JSON Lines are named
/// `.jsonl`. Wordnet files of one kind are joined, so they are read where the first of them stands.
package enum SynsetFiles {
    private enum Kind { case lines, lmf, tab }

    private static let maximalDepth = 8

    /// - Returns: what reads everything named, in order.
    /// - Throws: `LexiconError` (missing, a folder without such files), `SystemFault`.
    package static func open(_ paths: [String]) throws -> any SynsetReader {
        var groups: [(kind: Kind, paths: [String])] = []
        for path in paths {
            for (kind, file) in try files(at: path) {
                if kind != .lines, let at = groups.firstIndex(where: { $0.kind == kind }) {
                    groups[at].paths.append(file)
                } else {
                    groups.append((kind, [file]))
                }
            }
        }
        return SynsetReaderSequence(
            try groups.map { kind, paths in
                switch kind {
                case .lines: try SynsetLinesReader(path: paths[0])
                case .lmf: WordnetLMFReader(paths: paths)
                case .tab: WordnetTabReader(paths: paths)
                }
            })
    }

    private static func files(at path: String) throws -> [(Kind, String)] {
        let names: [String]
        do {
            names = try FolderListing.names(of: path)
        } catch FileError.wrongKind {
            return [(kind(path) ?? .lines, path)]
        }
        let found = try walk(path, names: names, depth: 1)
        guard !found.isEmpty else {
            throw LexiconError.nothingFound(
                folder: path, expected: "synsets: .tab, .xml or .jsonl files (or .gz of these)", ignored: names)
        }
        return found
    }

    private static func walk(_ folder: String, names: [String], depth: Int) throws -> [(Kind, String)] {
        var found: [(Kind, String)] = []
        for name in names {
            let path = InputFileName.join(folder, name)
            if let kind = kind(name) {
                found.append((kind, path))
            } else if depth < maximalDepth {
                do {
                    found += try walk(path, names: try FolderListing.names(of: path), depth: depth + 1)
                } catch FileError.wrongKind {
                    continue  // A file of another kind: README, LICENSE.
                }
            }
        }
        return found
    }

    private static func kind(_ name: String) -> Kind? {
        let plain = InputFileName.plain(name)
        return plain.hasSuffix(".tab")
            ? .tab : plain.hasSuffix(".xml") ? .lmf : plain.hasSuffix(".jsonl") ? .lines : nil
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
