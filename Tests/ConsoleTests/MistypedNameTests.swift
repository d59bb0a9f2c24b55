import ArgumentParser
import Testing

@testable import Console

@Suite struct MistypedNameTests {
    struct Ask: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ask", subcommands: [Translate.self, Plain.self])
    }

    struct Translate: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "translate")
        @Option(name: [.short, .long]) var target: String
        @Option var dictionaries: [String] = []
        @Option(help: .hidden) var batchTokens = 1
        @Flag(inversion: .prefixedNo) var fast = true
        @Argument var words: [String] = []
    }

    struct Plain: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "plain")
    }

    private func remark(_ line: String) -> String? {
        MistypedName.remark(Ask.self, arguments: line.split(separator: " ").map(String.init))
    }

    @Test func aMistypedCommand() {
        #expect(remark("translat dog --target fi") == "Did you mean 'ask translate'?")
        #expect(remark("trnaslate") == "Did you mean 'ask translate'?")
        #expect(remark("tran dog") == "Did you mean 'ask translate'?")
        #expect(remark("banana --target fi") == "'banana' is no command of ask.")
    }

    @Test func aMistypedOptionWhateverElseIsMissing() {
        #expect(
            remark("translate dog --tarqet fi") == "'--tarqet' is no option of ask translate. Did you mean '--target'?")
        #expect(remark("translate dog --dictionary=x")?.contains("'--dictionaries'") == true)
        #expect(remark("translate --batch-token 3")?.contains("'--batch-tokens'") == true)
        #expect(remark("translate --no-fats")?.contains("'--no-fast'") == true)
    }

    @Test func whatIsRightOrNearNothingIsNotRemarkedOn() {
        for line in [
            "translate dog --target=fi --no-fast --help", "translate -t fi", "plain", "", "help plain",
            "translate --banana 3", "translate -- --tarqet",
        ] {
            #expect(remark(line) == nil, "\(line)")
        }
    }
}
