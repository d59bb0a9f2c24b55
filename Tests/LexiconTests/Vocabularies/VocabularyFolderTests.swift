import Files
import Glibc
import TestSupport
import Testing

@testable import Lexicon

@Suite struct VocabularyFolderTests {
    let folder = try! TemporaryFolder(inMemory: true)

    @Test(
        arguments: [
            ("fi.txt", "fi"), ("fi.txt.gz", "fi"), ("fi.vec", "fi"), ("fi.vec.gz", "fi"), ("fi_vocab.txt", "fi"),
            ("fi_vocab.txt.gz", "fi"), ("wiki.fi.vec", "fi"), ("cc.fi.300.vec.gz", "fi"), ("yue.txt", "yue"),
            ("sr-Latn.txt", "sr-Latn"), ("wiki.zh_classical.vec", "zh_classical"),
            ("zh_classical_vocab.txt", "zh_classical"),
            ("fi.csv", nil), ("README.txt", nil), ("wiki.simple.vec", nil), ("FI.txt", nil), ("f.txt", nil),
            ("fi.gz", nil),
            ("cc.fi.x.vec", nil), ("fi-.txt", nil), ("-fi.txt", nil), ("fi--x.txt", nil), ("_vocab.txt", nil),
            (".txt", nil),
            ("fi.txt.bz2", "fi"), ("fi.txt.lz4", nil), ("en-de.txt", nil), ("pt-BR.txt", "pt-BR"), ("fi.de.txt", nil),
            ("SOURCES.tsv", nil),
        ] as [(String, String?)])
    func tellsLanguagesFromNames(name: String, language: String?) {
        #expect(VocabularyFolder.language(ofFile: name) == language)
    }

    @Test func listsSortedAndNamesWhatItIgnores() throws {
        for name in ["ru.vec.gz", "de.txt", "fi_vocab.txt.gz", "SOURCES.tsv", "notes.md", ".hidden.txt"] {
            try folder.write(name, "x")
        }
        let listing = try VocabularyFolder(folder.path)
        #expect(listing.files.map(\.language) == ["de", "fi", "ru"])
        #expect(listing.files[1].path == folder.path + "/fi_vocab.txt.gz")
        #expect(listing.ignored == ["SOURCES.tsv", "notes.md"])
        #expect(try VocabularyFolder.list(folder.path + "/").map(\.path).first == folder.path + "/de.txt")
    }

    /// Reading a pipe would wait for a writer. One that is named as a text is read: see LineReaderTests.
    @Test func aPipeOrADeviceInTheFolderIsRefusedAtOnce() throws {
        try folder.write("de.txt", "x")
        #expect(mkfifo(folder.path + "/fi.txt", 0o600) == 0)
        let pipe = FileError.wrongKind(
            path: folder.path + "/fi.txt", expected: "a file or a folder", found: "a named pipe")
        #expect(throws: pipe) { try VocabularyFolder(folder.path) }
        unlink(folder.path + "/fi.txt")
        #expect(symlink("/dev/zero", folder.path + "/fi.txt") == 0)
        #expect(throws: FileError.self) { try VocabularyFolder(folder.path) }
        unlink(folder.path + "/fi.txt")
        #expect(symlink("de.txt", folder.path + "/fi.txt") == 0)
        #expect(try VocabularyFolder(folder.path).files.map(\.language) == ["de", "fi"])
    }

    @Test func twoFilesForOneLanguageAreAnError() throws {
        try folder.write("fi.txt", "x")
        try folder.write("wiki.fi.vec", "x")
        #expect(
            throws: LexiconError.ambiguous(
                folder: folder.path, what: "vocabularies of 'fi'", first: "fi.txt", second: "wiki.fi.vec")
        ) { try VocabularyFolder(folder.path) }
    }

    @Test func foldersWithoutVocabulariesAreErrors() throws {
        #expect(throws: LexiconError.self) { try VocabularyFolder(folder.path) }
        try folder.write("notes.md", "x")
        let error = #expect(throws: LexiconError.self) { try VocabularyFolder(folder.path) }
        #expect(error?.exitStatus == .missingInput)
        #expect(throws: FileError.missing(path: "/nowhere/at all")) { try VocabularyFolder("/nowhere/at all") }
        let file = folder.path + "/notes.md"
        #expect(throws: FileError.wrongKind(path: file, expected: "a folder", found: "a file")) {
            try VocabularyFolder(file)
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
    func listsTheReferenceVocabularies() throws {
        let reference = try VocabularyFolder(SharedData.path("bli/vocab"))
        #expect(reference.files.count == 21)
        #expect(reference.ignored.isEmpty)
        let frequencies = try VocabularyFolder(SharedData.path("vocab"))
        #expect(frequencies.files.count > 40)
        #expect(frequencies.ignored == ["SOURCES.tsv"])
    }
}
