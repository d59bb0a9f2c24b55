import Foundation
import TestSupport
import Testing

/// What bash offers with the script that `query --generate-completion-script bash` writes.
@Suite struct CompletionTests {
    /// Sources the script and completes the last of `words` as bash would; -> candidates, sorted.
    private func candidates(_ words: [String], environment: [String: String?] = [:]) throws -> [String] {
        let script = #"""
            source <("$1" --generate-completion-script bash) || exit
            COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
            _query "$1" "${@: -1}" "${@: -2:1}"
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let outcome = try QueryProcess.run(words, environment: environment, shell: script)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.sorted()
    }

    @Test func checkpointsAndLanguagesOfTheStore() throws {
        let fixture = try QueryFixture.words()
        let translate = ["translate", "dog", "--store", fixture.storeFolder]
        #expect(try candidates(translate + ["--checkpoint", ""]) == ["mini"])
        #expect(try candidates(translate + ["--to", ""]) == ["en", "fi"])
        #expect(try candidates(translate + ["--to", "f"]) == ["fi"])
        #expect(try candidates(["hubs", "--store", fixture.storeFolder, "--from", ""]) == ["en", "fi"])
        #expect(try candidates(["bli", "--store", fixture.storeFolder, "--checkpoint", "m"]) == ["mini"])
        #expect(try candidates(["compare", "--store", fixture.storeFolder, ""]).contains("mini"))
    }

    @Test func theStoreOfTheEnvironment() throws {
        let fixture = try QueryFixture.words()
        let environment = ["POLYLEX_STORE": fixture.storeFolder]
        #expect(try candidates(["translate", "dog", "--to", ""], environment: environment) == ["en", "fi"])
    }

    @Test func foldersForFolders() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("apart/pairs.csv", "")
        try fixture.file("apple.txt", "")
        #expect(try candidates(["xlsim", "--store", fixture.folder + "/ap"]) == [fixture.folder + "/apart"])
        #expect(
            try candidates(["bli", "--csv", fixture.folder + "/ap"])
                == [fixture.folder + "/apart", fixture.folder + "/apple.txt"])
    }

    @Test func aStoreThatIsMissingOffersNothing() throws {
        #expect(try candidates(["translate", "dog", "--store", "/nowhere", "--to", ""]) == [])
    }
}
