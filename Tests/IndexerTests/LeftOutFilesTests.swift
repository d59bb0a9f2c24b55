import Store
import TestSupport
import Testing

/// `indexer build` with files as people have them: what is left out is said on standard error.
@Suite struct LeftOutFilesTests {
    private let folder = try! TemporaryFolder()

    private func build(_ arguments: [String]) throws -> IndexerProcess.Outcome {
        try TinyCheckpoint().write(to: folder.path + "/m")
        return try IndexerProcess.run(
            ["build", "--store", folder.path + "/s", "--checkpoint", "m=\(folder.path)/m", "--json"] + arguments)
    }

    @Test func filesOfAFolder() throws {
        for name in ["wiki.de.align.vec", "wiki.multi.fi.vec"] { try folder.write("v/" + name, "1 2\nab 0.1 0.2\n") }
        try folder.write("v/vectors-fr.txt", "1 2\ncd 0.1 0.2\n")
        try folder.write("v/en_50k.txt", "the 9\nof 5\n")
        try folder.write("v/notes.doc", "x")
        try folder.write("v/DE.txt", "x")
        let outcome = try build(["--vocabularies", folder.path + "/v"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errors.contains("left out: DE.txt, notes.doc")
                && outcome.errors.contains("--vocabulary <language>=FILE"))
        #expect(outcome.errors.contains("en_50k.txt: a word and its count"))
        #expect(outcome.errors.contains("vectors-fr.txt: holds vectors of 2 numbers"))
        for language in ["de", "fi", "fr", "en"] { #expect(outcome.output.contains("words/\(language)")) }
    }

    @Test func badLines() throws {
        let list = try folder.write("de.txt", Array("ab\n".utf8) + [0xe4, 0x0a] + Array("cd\n".utf8))
        let refused = try build(["--vocabulary", "de=\(list)"])
        #expect(refused.status == 65 && refused.errors.contains("iconv -f ISO-8859-1 -t UTF-8"))
        let built = try build(["--vocabulary", "de=\(list)", "--skip-bad-lines"])
        #expect(built.status == 0, "\(built.errors)")
        #expect(built.errors.contains("1 bad line left out") && built.output.contains("unreadable"))
        // What was left out does not make the collection stale.
        let listed = try IndexerProcess.run(["list", "--store", folder.path + "/s", "--json"])
        #expect(!listed.output.contains("texts cannot be read"), "\(listed.output)")
    }

    /// Pairs stay pairs: the rows of both sides carry the lines they come from.
    @Test func badLinesOfSentences() throws {
        let french = try folder.write(
            "s.fra", Array("la maison\n".utf8) + [0xe9, 0x0a] + Array("le chat\n".utf8))
        let english = try folder.write("s.eng", "the house\na\nthe cat\n")
        let arguments = ["--sentence-pair", "fra-eng=\(french),\(english)"]
        let refused = try build(arguments)
        #expect(refused.status == 65 && refused.errors.contains("--skip-bad-lines"))
        let built = try build(arguments + ["--skip-bad-lines"])
        #expect(built.status == 0 && built.output.contains("unreadable"), "\(built.errors)")
        #expect(built.errors.contains("s.fra: left out 1 pair of 3 with a bad line, the first: \(french): line 2"))
        let store = try Store.open(folder.path + "/s", mode: .read)
        for language in ["fra", "eng"] {
            let name = "sentences/fra-eng/\(language)"
            let record = try #require(try store.collection(name, checkpoint: "m"))
            var lines: [UInt32] = []
            try store.texts(list: record.list).forEach { _, _, line in lines.append(line) }
            #expect(lines == [1, 3] && record.skipped["unreadable"] == 1)
        }
        let again = try build(arguments + ["--skip-bad-lines"])
        #expect(again.errors.contains("up to date"))
        let listed = try IndexerProcess.run(["list", "--store", folder.path + "/s", "--json"])
        #expect(!listed.output.contains("texts cannot be read") && !listed.output.contains("texts changed"))
    }

    @Test func hubNamesAndPointers() throws {
        let outcome = try IndexerProcess.run([
            "build", "--store", folder.path + "/s", "--checkpoint", "m=bert-base-multilingual-cased", "--vocabulary",
            "en=\(folder.write("en.txt", "a\n"))",
        ])
        #expect(outcome.status == 66 && outcome.errors.contains("Hugging Face hub"))
        let pointer = try folder.write("en.vec", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
        let refused = try build(["--vocabulary", "en=\(pointer)"])
        #expect(refused.status == 65 && refused.errors.contains("git lfs pull"))
    }
}
