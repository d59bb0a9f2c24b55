import Foundation
import Testing

@testable import Train

/// The help texts are part of the command contract: a change to them is a change users see.
@Suite struct DatasetHelpTests {
    @Test func helpIsAsCommitted() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/help-dataset.txt")
        let expected = try String(contentsOf: path, encoding: .utf8)
        var found = ""
        for (name, help) in [
            ("stats", TrainCommand.helpMessage(for: StatsCommand.self, columns: 100)),
            ("sample", TrainCommand.helpMessage(for: SampleCommand.self, columns: 100)),
            ("diversity", TrainCommand.helpMessage(for: DiversityCommand.self, columns: 100)),
        ] {
            found += "$ train \(name) --help\n\(help)\n"
            #expect(help.contains("Example: train \(name)"))
        }
        // To take over a change that is meant: write `found` to the file and read the difference.
        #expect(found == expected)
    }
}
