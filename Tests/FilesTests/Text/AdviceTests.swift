import Foundation
import TestSupport
import Testing

@testable import Files

/// Commands that an error advises work when they are typed.
@Suite struct AdviceTests {
    @Test func ofTextThatIsNotUTF8() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("de.txt", Array("das\nM".utf8) + [0xe4] + Array("dchen\n".utf8))
        let error = #expect(throws: FileError.self) { try lines(of: path) }
        let text = error?.description ?? ""
        for (command, expected) in [
            ("iconv -f ISO-8859-1 -t UTF-8", ["das", "M\u{e4}dchen"]),
            ("iconv -f UTF-8 -t UTF-8 -c", ["das", "Mdchen"]),
        ] {
            #expect(text.contains(command))
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", "\(command) '\(path)' > '\(folder.path)/new'"]
            try shell.run()
            shell.waitUntilExit()
            #expect(try bytes(lines(of: folder.path + "/new")) == bytes(expected), "\(command)")
        }
    }
}
