import Foundation
import Testing

@testable import Train

/// The help text is part of the command contract: a change to it is a change users see.
@Suite struct MineHelpTests {
    @Test func helpIsAsCommitted() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/help-mine.txt")
        let expected = try String(contentsOf: path, encoding: .utf8)
        let help = TrainCommand.helpMessage(for: MineCommand.self, columns: 100)
        #expect(help.contains("Example: train mine"))
        // To take over a change that is meant: write this to the file and read the difference.
        #expect("$ train mine --help\n\(help)\n" == expected)
    }
}
