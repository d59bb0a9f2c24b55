import TestSupport
import Testing

@testable import Files

@Suite struct ContentKindTests {
    let folder = try! TemporaryFolder()

    private static let pointer = """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 12345

        """

    private static let foreignTexts: [(String, String)] = [
        ("Entry not found", "server's message"),
        ("{\"error\":\"Invalid username or password.\"}\n", "server's message"),
        (pointer, "git lfs pull"), ("<!DOCTYPE html>\n<html lang=\"en\">", "web page"),
        ("\u{feff}\n  <HTML><head>", "web page"), ("Rar!\u{1a}\u{7}\u{0}", "unrar x"),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code></Error>", "web page"),
        ("%PDF-1.7", "pdf file; expected text"), ("PAR1\u{15}\u{4}", "parquet"),
    ]
    private static let foreignBytes: [([UInt8], String)] = [
        ([0xba, 0x16, 0x4f, 0x2f, 0x0c, 0, 0, 0], "take the word vectors as text, the .vec"),
        ([0xff, 0xfe, 0x61, 0x00], "iconv -f UTF-16 -t UTF-8"), ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "7z x"),
        ([0x04, 0x22, 0x4d, 0x18, 0x64], "lz4 -d"), ([0x1f, 0x9d, 0x90], "gzip -d"),
        ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "hdf5"),
        ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0], "numpy"),
    ]

    @Test(
        "what nobody meant to give is named, with what to do",
        arguments: foreignTexts.map { (Array($0.0.utf8), $0.1) } + foreignBytes)
    func foreign(_ bytes: [UInt8], _ words: String) throws {
        for path in [try folder.write("en.txt", bytes), try folder.write("en.vec.gz", gzip(bytes))] {
            let error = #expect(throws: FileError.self) { try lines(of: path) }
            #expect(error?.description.hasPrefix(path) == true && error?.description.contains(words) == true)
            #expect(error?.exitStatus == .badInput)
        }
        #expect(throws: FileError.self) { try ContentKind.refuseForeign(bytes, path: "x") }
        #expect(throws: FileError.self) { try WholeFile.read(folder.write("x", bytes), expected: "text") }
    }

    @Test(
        "texts are none of these",
        arguments: [
            "the 1 2\n", "<?xml version=\"1.0\"?>\n<!DOCTYPE LexicalResource SYSTEM \"x\">\n", "{\"a\":1}", "<b>\n",
            "BZh is a word\n", "version 1\n", "",
            "<htmlx", "PK\u{1}", "7z\n", "ustar\n", "PAR1\tx\n",
        ])
    func texts(_ text: String) throws {
        #expect(Array(text.utf8).withUnsafeBytes { ContentKind($0) } == nil)
        _ = try lines(of: folder.write("x", text))
    }
}
