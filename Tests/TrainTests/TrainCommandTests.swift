import Diagnostics
import Testing

@testable import Train

@Suite struct TrainCommandTests {
    /// Until its own release every command takes any arguments, says what it will do and fails with a status of its own.
    @Test(arguments: ["stats", "sample"])
    func commandsSayTheyAreNotYet(name: String) throws {
        var command = try TrainCommand.parseAsRoot([name, "--some-option", "value"])
        #expect {
            try command.run()
        } throws: { error in
            guard let error = error as? TrainError else { return false }
            return error.exitStatus == .internalError && error.description.contains("'train \(name)' is not in this release")
        }
    }
}
