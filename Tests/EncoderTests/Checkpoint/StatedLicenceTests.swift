import Foundation
import TestSupport
import Testing

@testable import Encoder

/// The licence in the YAML head of a folder's README.md.
@Suite struct StatedLicenceTests {
    @Test(
        arguments: [
            ("---\nlicense: mit\n---\n", "mit", nil),
            ("---\r\nlanguage: en\r\nlicense: apache-2.0\r\n---\r\n", "apache-2.0", nil),
            ("---\nlicense: \"cc-by-4.0\"  # of the weights\n---\n", "cc-by-4.0", nil),
            ("---\nlicense:\n- 'bsd-3-clause'\ntags:\n- x\n---\n", "bsd-3-clause", nil),
            ("---\nlicense: other\nlicense_name: some-terms\n---\n", "other", "some-terms"),
        ] as [(String, String, String?)]) func isRead(card: String, identifier: String, name: String?)
    {
        let found = StatedLicence(card: card)
        #expect(found?.identifier == identifier && found?.name == name)
    }

    @Test(arguments: [
        "", "license: mit\n", "---\ntags: x\n---\nlicense: mit\n", "---\nlicense:\ntags:\n- x\n---\n",
        "---\nlicense: see [here](http://x)\n---\n", "---\nlicense: \u{1B}[31mmit\n---\n", "---\n  license: mit\n---\n",
        "---\nlicense: \(String(repeating: "x", count: 65))\n---\n", "---\nlicense: \"\n---\n",
    ]) func otherTextsStateNone(card: String) { #expect(StatedLicence(card: card) == nil) }

    @Test func aLinkToElsewhereIsNotFollowed() throws {
        let folder = try TemporaryFolder()
        try folder.write("private/README.md", "---\nlicense: mit\n---\n")
        try folder.write("model/config.json", "{}")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/model/README.md", withDestinationPath: "../private/README.md")
        #expect(StatedLicence.of(folder: "\(folder.path)/model") == nil)
        #expect(StatedLicence.of(folder: "\(folder.path)/private")?.identifier == "mit")
    }
}
