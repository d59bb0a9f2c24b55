import Foundation
import TestSupport
import Testing

@testable import Indexer

/// What is wrong with a configuration is said with file, line, key, what was expected, and a near name.
@Suite struct NightlyConfigurationTests {
    struct Case: CustomTestStringConvertible {
        let text: String
        let status: Int32
        /// What follows the file's name.
        let said: [String]
        var testDescription: String { said[0] }
    }

    private static let begin = "checkpoints:\n  mini: mini\ntexts:\n  vocabularies: words\n"

    private static let cases = [
        Case(text: begin + "storre: x\n", status: 65, said: [":5: storre: unknown key; did you mean 'store'?"]),
        Case(
            text: begin + "evaluations:\n  bli:\n    - dictionaries: dictionaries\n      scorring: csls\n", status: 65,
            said: [":8: evaluations.bli[0].scorring: unknown key; did you mean 'scoring'?"]),
        Case(
            text: begin + "evaluations:\n  bli:\n    dictionaries: dictionaries\n    scoring: cslss\n", status: 65,
            said: [":8: evaluations.bli.scoring: expected one of cosine, csls, found 'cslss'"]),
        Case(
            text: begin + "threads: two\n", status: 65,
            said: [":5: threads: expected a whole number from 1, found 'two'"]),
        Case(
            text: begin + "  top: [1]\n", status: 65,
            said: [":5: texts.top: expected a whole number from 1, found a list"]),
        Case(
            text: begin + "  skip-bad-lines: yes\n", status: 65,
            said: [":5: texts.skip-bad-lines: expected true or false, found 'yes'"]),
        Case(text: begin + "report:\n", status: 65, said: [":5: report: expected a file to write, found nothing"]),
        Case(
            text: begin + "encoding:\n  codec: fp8\n", status: 65,
            said: [":3: texts: `indexer build` refuses this: ", "fp8", "'--codec"]),
        Case(
            text: "checkpoints:\n  mini: minni\ntexts:\n  vocabularies: words\n", status: 66,
            said: [":2: checkpoints.mini: minni: no such file or folder; did you mean 'mini'?"]),
        Case(
            text: begin + "evaluations:\n  xlsim:\n    pairs: similarities/all\n", status: 66,
            said: [":7: evaluations.xlsim.pairs: similarities/all: no such file or folder; paths are relative"]),
        Case(
            text: "texts:\n  vocabularies: words\n", status: 65,
            said: [":1: the file: expected the key 'checkpoints'"]),
        Case(text: begin + "store: a\nstore: b\n", status: 65, said: [":5: expected YAML, found: given twice: store"]),
        Case(text: begin + "hook: [a, b\nreport: x\n", status: 65, said: [":6: expected YAML, found: "]),
        Case(text: "# nothing\n", status: 65, said: [": expected YAML, found: nothing but comments"]),
        Case(
            text: begin + "compare:\n  baseline: mini\n", status: 65,
            said: [":5: compare: expected the key 'evaluations.bli'"]),
        Case(
            text: begin + "evaluations:\n  tatoeba:\n    layers: 3:means\n", status: 65,
            said: [":7: evaluations.tatoeba.layers: expected layers like all, 0,6,12, 4-8, 0-8:mean, found '3:means'"]),
        Case(
            text: begin + "evaluations:\n  bli:\n    - dictionaries: dictionaries\n    - dictionaries: dictionaries\n",
            status: 65, said: [":8: evaluations.bli[1]: expected an evaluation of its own"]),
    ]

    @Test(arguments: cases) func errorsNameTheirPlace(_ wrong: Case) throws {
        let night = try NightlyFixture()
        try night.folder.write("night.yaml", wrong.text)
        let outcome = try night.run()
        #expect(outcome.status == wrong.status, "\(outcome.errors)")
        #expect(outcome.errors.contains("night.yaml" + wrong.said[0]), "\(outcome.errors)")
        for part in wrong.said.dropFirst() { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
        #expect(outcome.output.isEmpty && !night.folder.holds("indexes"))
    }

    @Test func theHookIsToldOfAWrongFile() throws {
        let night = try NightlyFixture()
        try night.write(checkpoints: ["gone"])
        #expect(try night.run(["--quiet"]).status == 66)
        let told = try night.summary()
        #expect(told.outcome == "failed" && told.exit_status == 66 && told.steps.isEmpty)
        #expect(told.error?.contains("night.yaml:2: checkpoints.gone") == true)
    }

    /// YAML's 'no' is Norwegian here, and a prompt keeps its blank.
    @Test func textsAreTakenAsTheyAreWritten() throws {
        let folder = try TemporaryFolder()
        try folder.write("no.txt", "hus\n")
        try folder.write(
            "night.yaml",
            """
            checkpoints: {no: \(folder.path)}
            texts:
              vocabulary: {no: \(folder.path)/no.txt}
            encoding:
              prompt: "query: "
              layers: 7
            """)
        let root = try ConfigurationValue(file: folder.path + "/night.yaml")
        let configuration = try NightlyConfiguration(root)
        #expect(configuration.checkpoints == [.init(name: "no", folder: folder.path)])
        #expect(
            configuration.buildOptions == ["--vocabulary=no=\(folder.path)/no.txt", "--layers=7", "--prompt=query: "])
        let step = try #require(NightlyStep.plan(configuration).first)
        #expect(step.command.hasSuffix("--layers=7 '--prompt=query: ' --store=indexes --json"), "\(step.command)")
    }
}
