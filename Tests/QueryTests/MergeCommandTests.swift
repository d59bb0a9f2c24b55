import Encoder
import Fingerprinting
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Lookup
@testable import Store

/// `query bli|xlsim|tatoeba --shard` and `query merge`, as an array of jobs and the one after it would run them.
@Suite struct MergeCommandTests {
    /// Two checkpoints that can encode, three languages, two sentence sets; dictionaries and similarity pairs beside.
    private struct Jobs {
        let fixture: QueryFixture
        var folder: String { fixture.folder }
        var store: String { fixture.storeFolder }

        init() throws {
            fixture = try QueryFixture()
            for (number, name) in ["large", "small"].enumerated() {
                let source = fixture.folder + "/" + name
                try TinyCheckpoint.ofWords(seed: UInt64(number + 1)).write(to: source)
                let record = QueryFixture.checkpoint(
                    name, hiddenSize: 8, layerCount: 1, source: source,
                    fingerprint: try Checkpoint(folder: source).fingerprint)
                for (language, words) in Self.words { try Self.publish(words, "words/\(language)", record, fixture) }
                for set in ["deu-eng", "fra-eng"] {
                    for language in set.split(separator: "-") {
                        let texts = (0..<9).map { "\(language) \($0)" }
                        try Self.publish(texts, "sentences/\(set)/\(language)", record, fixture)
                    }
                }
            }
            try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\nblue\tnothing\n")
            try fixture.file("d/en-de.tsv", "dog\thund\nblue\tblau\n")
            try fixture.file("d/fi-de.tsv", "koira\thund\n")
            try fixture.file("d/de-fi.tsv", "haus\ttalo\nhund\tkoira\n")
            try fixture.file(
                "p/ENG-FIN.csv", "ID,ENG,FIN,PoS,score\n1,dog,kissa,n,2\n2,ice cream,koira,n,4\n3,cat,talo,n,1\n")
            try fixture.file("p/ENG-ENG.csv", "ID,ENG,ENG,PoS,score\n1,dog,cat,n,2\n2,blue,dogs,n,4\n3,cat,cat,n,6\n")
        }

        private static let words = [
            ("de", ["hund", "katze", "haus", "blau"]), ("en", ["dog", "cat", "house", "blue"]),
            ("fi", ["koira", "kissa", "talo", "sininen", "radio"]),
        ]

        /// Vectors that depend on text, layer and checkpoint.
        private static func publish(
            _ texts: [String], _ collection: String, _ checkpoint: CheckpointRecord, _ fixture: QueryFixture
        ) throws {
            var random = SeededGenerator(
                state: collection.utf8.reduce(checkpoint.fingerprint.low) { $0 &* 31 &+ UInt64($1) })
            var layers: [Int: [[Float]]] = [:]
            for layer in 0...1 {
                layers[layer] = texts.map { _ in (0..<8).map { _ in Float(random.next() % 2_001) / 1_000 - 1 } }
            }
            try fixture.publish(collection, texts, layers: layers, checkpoint: checkpoint)
        }

        static let tasks = [
            "bli": ["--dictionaries", "d"], "xlsim": ["--pairs", "p"], "tatoeba": ["--layers", "0-1"],
        ]

        func arguments(_ task: String, store: String? = nil) -> [String] {
            let own = (Self.tasks[task] ?? []).map { $0.count == 1 ? "\(folder)/\($0)" : $0 }
            return [task] + own + ["--store", store ?? self.store]
        }

        func path(_ task: String, _ shard: Int) -> String { "\(folder)/results/\(task).\(shard)" }

        /// Runs a shard; -> its file.
        @discardableResult
        func run(_ task: String, _ shard: Int, of count: Int, asNobody: Bool = false) throws -> String {
            let results = folder + "/results"
            try FileManager.default.createDirectory(
                atPath: results, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
            chmod(results, 0o777)
            let outcome = try QueryProcess.run(
                arguments(task) + ["--shard", "\(shard)/\(count)", "--results", path(task, shard), "--quiet"],
                asNobody: asNobody)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return path(task, shard)
        }

        func merge(_ files: [String], _ more: [String] = []) throws -> QueryProcess.Outcome {
            try QueryProcess.run(["merge"] + files + ["--store", store] + more)
        }

        var stored: Int { get throws { try fixture.store.results(task: nil, checkpoint: nil).count } }
    }

    // MARK: The same as without

    @Test func mergedIsWhatOneProcessComesTo() throws {
        let jobs = try Jobs()
        let single = jobs.folder + "/single"
        try FileManager.default.copyItem(atPath: jobs.store, toPath: single)
        // A job of an array may not write the store; tests run as root have to be somebody else for that.
        let asNobody = getuid() == 0
        if asNobody { chmod(jobs.folder, 0o755) }
        var files: [String] = []
        for task in ["bli", "xlsim", "tatoeba"] {
            for shard in 0..<3 { files.append(try jobs.run(task, shard, of: 3, asNobody: asNobody)) }
        }
        #expect(try jobs.stored == 0)
        let merged = try jobs.merge(files, ["--json"])
        #expect(merged.status == 0 && merged.errors.isEmpty, "\(merged.errors)")
        // 2 checkpoints × 2 layers × (4 dictionaries, 2 files of pairs, 2 sets).
        #expect(try merged.object["results"] as? Int == 32 && merged.object["known"] as? Int == 0)
        #expect(try jobs.stored == 32)
        for task in ["bli", "xlsim", "tatoeba"] {
            for form in [["--details"], ["--json"], ["--json", "--means"]] {
                let expected = try QueryProcess.run(jobs.arguments(task, store: single) + form)
                let found = try QueryProcess.run(jobs.arguments(task) + form)
                #expect(expected.status == 0 && found.status == 0, "\(found.errors)")
                #expect(found.output == expected.output && !found.output.isEmpty)
                #expect(found.errors.contains("results are from the store"))
            }
        }
        let compared = try QueryProcess.run(["compare", "large", "small", "--store", jobs.store, "--json"])
        #expect(
            try compared.output
                == QueryProcess.run(["compare", "large", "small", "--store", single, "--json"]).output)
        #expect(compared.status == 0, "\(compared.errors)")

        // Once more: everything is known, and nothing changes.
        let created = try jobs.fixture.store.results(task: nil, checkpoint: nil).map(\.created)
        let again = try jobs.merge(files + [files[0]], ["--json"])
        #expect(try again.object["known"] as? Int == 32)
        #expect(try jobs.fixture.store.results(task: nil, checkpoint: nil).map(\.created) == created)
    }

    @Test func unitsAreDoneOnceEach() throws {
        let jobs = try Jobs()
        var seen: [String] = []
        for shard in 0..<11 {
            let file = try ResultsFile(reading: jobs.run("bli", shard, of: 11))
            let units = Set(file.results.map { "\($0.record.checkpoint) \($0.record.pair)" })
            #expect(file.results.count == 2 * units.count)
            seen += units
        }
        // More jobs than units: some files have nothing in them, and are needed all the same.
        #expect(seen.count == 8 && Set(seen).count == 8)
        #expect(try jobs.merge((0..<11).map { jobs.path("bli", $0) }).status == 0)
        #expect(try jobs.stored == 16)
    }

    @Test func theArrayTellsTheNumber() throws {
        let jobs = try Jobs()
        let arguments = jobs.arguments("bli") + ["--shard", "/3", "--results", jobs.folder + "/one", "--json"]
        let outcome = try QueryProcess.run(arguments, environment: ["SLURM_ARRAY_TASK_ID": "1"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try outcome.object["shard"] as? Int == 1 && outcome.object["shards"] as? Int == 3)
        let own = try ResultsFile(reading: jobs.folder + "/one")
        let typed = try ResultsFile(reading: jobs.run("bli", 1, of: 3))
        #expect(own.header == typed.header && !own.results.isEmpty)
        #expect(own.results.map(\.record.fingerprint) == typed.results.map(\.record.fingerprint))
    }

    // MARK: Stopped, and again

    @Test func aStoppedJobGoesOnFromWhatItLeft() throws {
        let jobs = try Jobs()
        let path = try jobs.run("bli", 0, of: 1)
        let whole = try ResultsFile(reading: path)
        let left = whole.results.prefix(5).map { result in
            var record = result.record
            record.created = 1
            return NewResult(record: record, basis: result.basis, outcomes: result.outcomes)
        }
        try whole.with(results: left, complete: false).write()
        let early = try jobs.merge([path])
        #expect(early.status == 75 && early.errors.contains("bli: 1 of 1 shards is missing: 0 (\(path) stopped"))
        #expect(early.errors.split(separator: "\n").count == 1)

        let again = try ResultsFile(reading: jobs.run("bli", 0, of: 1))
        #expect(again.header == whole.header)
        #expect(again.results.count { $0.record.created == 1 } == 5)
        // What was left of another evaluation is of no use.
        try whole.with(results: left, complete: false, task: "xlsim").write()
        let anew = try ResultsFile(reading: jobs.run("bli", 0, of: 1))
        #expect(anew.header == whole.header && anew.results.allSatisfy { $0.record.created != 1 })
        #expect(try jobs.merge([path]).status == 0)
        #expect(try jobs.stored == 16)
    }

    @Test func onlyResultsAreReplaced() throws {
        let jobs = try Jobs()
        let path = try jobs.run("bli", 0, of: 2)
        func run(_ shard: String) throws -> QueryProcess.Outcome {
            try QueryProcess.run(jobs.arguments("bli") + ["--shard", shard, "--results", path])
        }
        let other = try run("1/2")
        #expect(other.status == 64 && other.errors.contains("would replace results of shard 0 of 2"))
        try "some notes\n".write(toFile: path, atomically: false, encoding: .utf8)
        let notes = try run("0/2")
        #expect(notes.status == 64 && notes.errors.contains("would replace a file of another kind"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "some notes\n")
    }

    // MARK: Refusals

    /// One line, the right status, and a store as it was.
    private func expectRefusal(
        _ jobs: Jobs, _ files: [String], status: Int32, _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try jobs.stored
        let outcome = try jobs.merge(files)
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(
            outcome.output.isEmpty && outcome.errors.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
        for word in words {
            #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
        }
        #expect(try jobs.stored == before, sourceLocation: sourceLocation)
    }

    @Test func gapsAreNamed() throws {
        let jobs = try Jobs()
        for shard in 0..<6 { try jobs.run("bli", shard, of: 6) }
        let there = [1, 5].map { jobs.path("bli", $0) }
        try expectRefusal(jobs, there, status: 75, "bli: 4 of 6 shards are missing: 0,2-4;", "--array=0,2-4")
        let some = try jobs.merge(there, ["--allow-missing"])
        #expect(some.status == 0 && some.errors.contains("bli: 4 of 6 shards are left out: 0,2-4"))
        let count = try there.reduce(0) { try $0 + ResultsFile(reading: $1).results.count }
        #expect(try jobs.stored == count && count > 0)
        try expectRefusal(jobs, [jobs.folder + "/nothing"], status: 66, "nothing")
    }

    @Test func damageIsSeen() throws {
        let jobs = try Jobs()
        let path = try jobs.run("bli", 0, of: 1)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for place in stride(from: 0, to: bytes.count, by: bytes.count / 300) {
            var changed = bytes
            changed[place] ^= 1
            for damaged in [changed, bytes.prefix(place)] {
                try damaged.write(to: URL(fileURLWithPath: path))
                #expect(throws: ResultsFileError.self, "byte \(place)") { try ResultsFile(reading: path) }
            }
        }
        try expectRefusal(jobs, [path], status: 65, "\(path): expected a line with a checksum at the end, found none")
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        try changed.write(to: URL(fileURLWithPath: path))
        try expectRefusal(jobs, [path], status: 65, "\(path): expected bytes of the checksum")
    }

    @Test func otherProgramsAreNotMixedIn() throws {
        let jobs = try Jobs()
        let path = try jobs.run("bli", 0, of: 1)
        let file = try ResultsFile(reading: path)
        let program = ResultsFile.Program(version: "0.1.9", checksum: file.header.program.checksum)
        try file.with(program: program).write()
        try expectRefusal(jobs, [path], status: 65, "computed by query 0.1.9")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacingOccurrences(of: #""format":1"#, with: #""format":2"#).write(
            toFile: path, atomically: false, encoding: .utf8)
        try expectRefusal(jobs, [path], status: 65, "format of results is 2, expected at most 1")
        try "{}\n".write(toFile: path, atomically: false, encoding: .utf8)
        try expectRefusal(jobs, [path], status: 65, "expected results of `query … --shard`")
    }

    /// Scores of portable kernels differ in the last bits from those of fused multiply-add, and ranks with them: a job
    /// that ran on such a processor is refused, whatever the others ran on, and done again where it is merged.
    @Test(.enabled(if: Arithmetic.isFast)) func anotherArithmeticIsNotMixedIn() throws {
        let jobs = try Jobs()
        let files = try (0..<2).map { try jobs.run("bli", $0, of: 2) }
        let own = try ResultsFile(reading: files[1])
        try Arithmetic.withPortable { try own.with().write() }
        let portable = Arithmetic.withPortable { Arithmetic.inUse }
        let words = "\(files[1]): computed with \(portable), float32, expected \(Arithmetic.inUse), float32"
        try expectRefusal(jobs, files, status: 65, words, "their last bits differ")
        // Nor do all of another kind pass for this one's, and a gap that may be left out is not what it is.
        let other = try ResultsFile(reading: files[0])
        try Arithmetic.withPortable { try other.with().write() }
        try expectRefusal(jobs, files, status: 65, "\(files[0]): computed with \(portable)")
        let some = try jobs.merge(files, ["--allow-missing"])
        #expect(some.status == 65 && some.errors.contains("computed with \(portable)"))

        // A result is another one under another arithmetic: none that is stored is shown for it.
        func key() -> Fingerprint {
            ResultKey(policy: .bli, dataset: "d", pair: "en-fi", checkpoint: "large", layer: 1, inputs: []).fingerprint
        }
        #expect(Arithmetic.withPortable(true, key) != key())

        // The jobs run again here replace what is of no use, and are merged.
        for shard in 0..<2 {
            let again = try QueryProcess.run(
                jobs.arguments("bli") + ["--shard", "\(shard)/2", "--results", jobs.path("bli", shard)])
            #expect(again.status == 0 && again.errors.contains("computed with \(portable)"), "\(again.errors)")
            #expect(again.errors.contains("it is replaced"))
        }
        #expect(try ResultsFile(reading: files[1]).header == own.header)
        #expect(try jobs.merge(files).status == 0)
        #expect(try jobs.stored == 16)
    }

    @Test func twinsThatDifferAreRefused() throws {
        let jobs = try Jobs()
        let path = try jobs.run("bli", 0, of: 1)
        let file = try ResultsFile(reading: path)
        let twin = jobs.folder + "/twin"
        var results = file.results
        var record = results[3].record
        let odd = try #require(record.values["mrr"]) + 0.25
        record.values["mrr"] = odd
        results[3] = NewResult(record: record, basis: results[3].basis, outcomes: results[3].outcomes)
        try file.with(path: twin, results: results).write()
        try expectRefusal(jobs, [path, twin], status: 65, "differs from \(path): expected mrr", "found \(odd)")
        // The same against what the store has.
        #expect(try jobs.merge([path]).status == 0)
        try expectRefusal(jobs, [twin], status: 65, "differs from what", "--recompute")
        // Outcomes count, too.
        results = file.results
        let first = try #require(results[0].outcomes), second = try #require(results[7].outcomes)
        #expect(first != second)
        results[0] = NewResult(record: results[0].record, basis: results[0].basis, outcomes: second)
        try file.with(path: twin, results: results).write()
        try expectRefusal(jobs, [path, twin], status: 65, "its queries' outcomes")
    }

    /// A result of what the store no longer holds is not stored, nor are those beside it.
    @Test func anotherStateOfTheStoreIsRefused() throws {
        let jobs = try Jobs()
        let files = try (0..<2).map { try jobs.run("bli", $0, of: 2) }
        let checkpoint = try #require(try jobs.fixture.store.checkpoint("small"))
        try jobs.fixture.publish(
            "words/fi", ["koira", "talo"], layers: [0: [[1, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0]]],
            checkpoint: checkpoint)
        try expectRefusal(
            jobs, files, status: 65, "bli of small, d", "other weights, texts or vectors", "nothing was merged")
        // Half of the jobs before, half after.
        let late = jobs.folder + "/late"
        try FileManager.default.moveItem(atPath: files[1], toPath: jobs.folder + "/early")
        let outcome = try QueryProcess.run(jobs.arguments("bli") + ["--shard", "1/2", "--results", late])
        #expect(outcome.status == 0)
        try expectRefusal(jobs, [files[0], late], status: 65, "of another evaluation than")
    }

    // MARK: Command lines

    @Test func wrongCommandLines() throws {
        let jobs = try Jobs()
        let results = ["--results", jobs.folder + "/r"]
        for (arguments, words) in [
            (["--shard", "0/2"], "--shard needs --results"), (results, "--results is for --shard"),
            (["--shard", "2/2"] + results, "expected a shard of 0 to 1, found '2'"),
            (["--shard", "x/2"] + results, "expected a shard of 0 to 1"),
            (["--shard", "3"] + results, "expected i/N"), (["--shard", "0/0"] + results, "expected i/N"),
            (["--shard", "/2"] + results, "which shard?"),
            (["--shard", "0/2", "--details"] + results, "--shard prints no table"),
            (["--shard", "0/2", "--per-query", jobs.folder + "/q"] + results, "--per-query is for"),
        ] {
            let outcome = try QueryProcess.run(
                jobs.arguments("bli") + arguments,
                environment: ["SLURM_ARRAY_TASK_ID": nil, "JOB_COMPLETION_INDEX": nil])
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
        }
        let malformed = try QueryProcess.run(
            jobs.arguments("bli") + ["--shard", "/2"] + results, environment: ["SLURM_ARRAY_TASK_ID": "one"])
        #expect(malformed.status == 64 && malformed.errors.contains("SLURM_ARRAY_TASK_ID: expected a shard's number"))
        let nothing = try QueryProcess.run(
            jobs.arguments("bli") + ["--shard", "0/2", "--pairs", "fi-de", "--layers", "7"] + results)
        #expect(nothing.status == 66 && nothing.errors.contains("nothing could be evaluated"))
        #expect(!FileManager.default.fileExists(atPath: jobs.folder + "/r"))
    }
}

extension ResultsFile {
    /// The same but for what is given.
    fileprivate func with(
        path: String? = nil, program: Program? = nil, results: [NewResult]? = nil, complete: Bool = true,
        task: String? = nil
    ) -> ResultsFile {
        ResultsFile(
            path: path ?? self.path, program: program ?? header.program, task: task ?? header.task,
            division: header.division, shard: EvaluationShard(index: header.shard, count: header.shards),
            complete: complete, results: results ?? self.results)
    }
}
