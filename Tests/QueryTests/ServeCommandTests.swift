import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Query
@testable import Server
@testable import Store

#if canImport(Glibc)
import Glibc
#endif

/// The program as a browser and other programs meet it.
@Suite(.timeLimit(.minutes(15))) struct ServeCommandTests {
    /// A run of `query serve` on a free port.
    private final class Service {
        let process: QueryProcess
        let port: Int

        init(_ folder: String, _ arguments: [String] = []) throws {
            process = try QueryProcess(["serve", "--store", folder, "--port", "0", "--quiet"] + arguments)
            let deadline = Date().addingTimeInterval(120)
            while !process.outputSoFar.hasSuffix("\n"), process.isRunning, Date() < deadline { usleep(20_000) }
            let url = URL(string: process.outputSoFar.trimmingCharacters(in: .whitespacesAndNewlines))
            guard let port = url?.port else {
                process.signal(SIGKILL)
                throw TestSupportError(description: "no address: \(try process.wait().messages)")
            }
            self.port = port
        }

        func get(_ target: String) throws -> (status: Int, body: String) {
            let answer = try LoopbackClient(port).exchange(
                "GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let parts = answer.components(separatedBy: "\r\n\r\n")
            return (Int(answer.dropFirst(9).prefix(3)) ?? 0, parts.dropFirst().joined(separator: "\r\n\r\n"))
        }

        func json(_ target: String) throws -> [String: Any] {
            let body = try get(target).body
            guard let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] else {
                throw TestSupportError(description: "\(target): expected an object, found \(body.prefix(200))")
            }
            return object
        }

        func answers(_ target: String) throws -> [[String: Any]] {
            try json(target)["answers"] as? [[String: Any]] ?? []
        }

        func end() throws -> QueryProcess.Outcome {
            process.signal(SIGTERM)
            return try process.wait()
        }

        deinit { process.signal(SIGKILL) }
    }

    @Test func answersAreThoseOfTranslate() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        for (query, arguments) in [
            ("word=dog&to=fi&layer=1&top=2", ["dog", "--to", "fi", "--layer", "1", "--top", "2"]),
            ("word=Dog&to=fi", ["Dog", "--to", "fi"]),
            ("word=house&to=FIN&from=en&scoring=csls", ["house", "--to", "FIN", "--from", "en", "--scoring", "csls"]),
            ("word=dog&to=fi&keep_identical=true", ["dog", "--to", "fi", "--keep-identical"]),
            ("word=dog&to=fi&native=any", ["dog", "--to", "fi", "--native", "any"]),
        ] {
            let command = try QueryProcess.run(["translate", "--store", fixture.storeFolder, "--json"] + arguments)
            #expect(command.status == 0, "\(command.messages)")
            let line = command.output.trimmingCharacters(in: .newlines)
            #expect(try service.get("/api/translate?" + query).body == "{\"answers\":[\(line)]}\n", "\(query)")
        }
        let outcome = try service.end()
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
    }

    /// Questions that wait together are answered together, each as if it were alone.
    @Test func aGroupOfQuestionsHasTheAnswersOfEach() throws {
        let fixture = try QueryFixture.words()
        let store = try Store.open(fixture.storeFolder, mode: .read)
        let service = ExplorerService(store: store, questionsAtOnce: 2)
        func request(_ words: [String], _ others: [(String, String)]) -> Request {
            Request(
                isHead: false, path: "/api/translate",
                parameters: (words.map { ("word", $0) } + others).map { .init(name: $0.0, value: $0.1) },
                host: nil, keepsConnection: true)
        }
        let others: [[(String, String)]] = [
            [("to", "fi"), ("encode", "false")], [("layer", "all"), ("encode", "false")],
            [("to", "fr"), ("encode", "false")], [("to", "fi"), ("top", "0")],
            [("to", "fi"), ("from", "en"), ("scoring", "csls"), ("encode", "false")],
        ]
        for other in others {
            let asked = [
                ["dog"], ["cat", "dog"], ["aardvark"], [], ["house"], ["Dog"], [""], ["dog"],
                ["aardvark", "house"],
            ]
            let requests = asked.map { request($0, other) }
            #expect(Set(requests.map(ExplorerService.group)).count == 1)
            let together = service.respond(to: requests)
            let alone = requests.flatMap { service.respond(to: [$0]) }
            #expect(together.count == requests.count)
            for (words, (one, other)) in zip(asked, zip(together, alone)) {
                #expect(one.status == other.status && one.body == other.body, "\(words)")
            }
        }
        #expect(
            ExplorerService.group(of: request(["dog"], [])) != ExplorerService.group(of: request(["dog"], others[0])))
        // Names and values run together must not look alike.
        #expect(
            ExplorerService.group(of: request([], [("to", "fi"), ("from", "en")]))
                != ExplorerService.group(of: request([], [("to", "fi4 from2 en")])))
    }

    /// Layer files stay mapped for the next question, and are let go when the store has moved on.
    @Test func filesOfAnEarlierStateAreLetGo() throws {
        let fixture = try QueryFixture.words()
        let store = try Store.open(fixture.storeFolder, mode: .read)
        let service = ExplorerService(store: store, questionsAtOnce: 2)
        func mapped() throws -> Int {
            let folder = URL(fileURLWithPath: fixture.folder).lastPathComponent
            let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
            let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            return maps.split(separator: "\n").count { $0.contains(folder) && $0.contains(".faiss") }
        }
        let request = Request(
            isHead: false, path: "/api/translate",
            parameters: [.init(name: "word", value: "dog"), .init(name: "to", value: "fi")], host: nil,
            keepsConnection: true)
        #expect(service.respond(to: [request])[0].status == .ok)
        let kept = try mapped()
        #expect(kept > 0)
        #expect(service.respond(to: [request])[0].status == .ok)
        try service.views.releaseEarlierStates()
        #expect(try mapped() == kept)
        try fixture.publish(
            "words/fi", ["hauva", "kissa"], layers: [1: [[1, 0, 0, 0.1], [0.8, 0.6, 0, 0]]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
        try service.views.releaseEarlierStates()
        #expect(try mapped() == 0)
        let answer = service.respond(to: [request])[0]
        #expect(String(decoding: answer.body, as: UTF8.self).contains("hauva"))
    }

    @Test func severalQuestionsAtOnce() throws {
        let fixture = try QueryFixture.words()
        try fixture.publishWords(QueryFixture.checkpoint("other", version: 2, hiddenSize: 4))
        let service = try Service(fixture.storeFolder)
        let answers = try service.answers("/api/translate?word=dog&word=cat&layer=all&top=1")
        // 2 checkpoints, 2 languages, 2 layers, 2 words.
        #expect(answers.count == 16)
        #expect(answers.prefix(4).map { $0["query"] as? String } == ["dog", "cat", "dog", "cat"])
        #expect(Set(answers.map { $0["checkpoint"] as? String }) == ["mini", "other"])
        func best(_ layer: Int) -> String? {
            let answer = answers.first {
                $0["to"] as? String == "fi" && $0["layer"] as? Int == layer && $0["query"] as? String == "dog"
            }
            return (answer?["results"] as? [[String: Any]])?.first?["word"] as? String
        }
        #expect(best(1) == "koira" && best(2) == "kissa")
        // What has no answer says why beside what has.
        let some = try service.answers("/api/translate?word=dog&word=aardvark&to=fi&checkpoint=mini&encode=false")
        #expect(some.count == 2 && some[0]["error"] == nil)
        #expect((some[1]["error"] as? String)?.contains("'aardvark' is in no stored vocabulary") == true)
    }

    @Test func mistakesAreNamed() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        func expect(_ target: String, _ status: Int, _ text: String) throws {
            let answer = try service.get(target)
            #expect(answer.status == status && answer.body.contains(text), "\(target): \(answer)")
        }
        try expect("/api/translate?to=fi", 400, "word is missing")
        try expect("/api/translate?word=&to=fi", 400, "word is empty")
        try expect("/api/translate?word=dog&too=fi", 400, "unknown parameter 'too'; there are: word, to, from")
        try expect("/api/translate?word=dog&to=fi&top=0", 400, "top: expected 1 to 100, found '0'")
        try expect("/api/translate?word=dog&to=fi&scoring=dot", 400, "scoring: expected cosine or csls")
        try expect("/api/translate?word=dog&to=fi&layer=-1", 400, "layer: expected a number, best or all")
        try expect("/api/translate?word=dog&to=fi&encode=no", 400, "encode: expected true or false")
        try expect("/api/translate?word=dog&to=fi&from=en&from=fi", 400, "from: expected one value, found 2")
        try expect("/api/translate?word=dog&to=fr", 404, "did you mean 'fi'?")
        try expect("/api/translate?word=dog&to=fi&layer=7", 404, "no layer 7; stored: 1, 2")
        try expect("/api/translate?word=aardvark&to=fi&encode=false", 404, "in no stored vocabulary")
        try expect("/api/translate?word=\(String(repeating: "a", count: 2_001))", 400, "word: at most 2000 bytes")
        try expect("/api/map?word=dog&to=fi&layer=all", 400, "a map is of one layer")
        try expect("/api/sentences?text=dog", 404, "stored: none")
        // No path is a file's.
        for path in ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/explorer.html", "/api/"] {
            try expect(path, 404, "nothing is at")
        }
    }

    @Test func whatIsPublishedMeanwhileIsSeen() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        func words() throws -> [String?] {
            let answer = try service.answers("/api/translate?word=dog&to=fi&layer=1&top=1").first
            return (answer?["results"] as? [[String: Any]])?.map { $0["word"] as? String } ?? []
        }
        #expect(try words() == ["koira"])
        try fixture.publish(
            "words/fi", ["hauva", "kissa"], layers: [1: [[1, 0, 0, 0.1], [0.8, 0.6, 0, 0]]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
        #expect(try words() == ["hauva"])
        try fixture.publishWords(QueryFixture.checkpoint("second", version: 2, hiddenSize: 4))
        let names = (try service.json("/api/store")["checkpoints"] as? [[String: Any]])?.map { $0["name"] as? String }
        #expect(names == ["mini", "second"])
    }

    /// Answers are one state's or the other's while a builder publishes between them, and always right for it.
    @Test func concurrentClientsDuringPublications() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        let port = service.port
        let failures = Mutex<[String]>([])
        // Only the publisher uses it while it runs.
        nonisolated(unsafe) let publishing = fixture
        let publisher = Thread {
            for round in 0..<20 {
                let word = round % 2 == 0 ? "hauva" : "koira"
                try? publishing.publish(
                    "words/fi", [word, "kissa"], layers: [1: [[1, 0, 0, 0.1], [0.8, 0.6, 0, 0]]],
                    checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
            }
        }
        publisher.start()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<25 {
                let answer =
                    (try? LoopbackClient(port))?.exchange(
                        "GET /api/translate?word=dog&word=cat&to=fi&layer=1&top=1 HTTP/1.0\r\n\r\n") ?? "no connection"
                let isRight =
                    answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("\"word\":\"kissa\"")
                    && (answer.contains("\"word\":\"koira\"") || answer.contains("\"word\":\"hauva\""))
                if !isRight { failures.withLock { $0.append(answer) } }
            }
        }
        while !publisher.isFinished { usleep(10_000) }
        let wrong = failures.withLock { $0 }
        #expect(wrong.isEmpty, "\(wrong.first ?? "")")
    }

    @Test func sentencesAndMap() throws {
        let fixture = try QueryFixture.words()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 4)
        try fixture.publish(
            "sentences/fin-eng/eng", ["The dog sleeps.", "The house is blue."],
            layers: [1: [[1, 0, 0, 0], [0, 0, 1, 1]]], checkpoint: checkpoint)
        try fixture.publish(
            "sentences/fin-eng/fin", ["Talo on sininen.", "Koira nukkuu."],
            layers: [1: [[0, 0, 1, 0.9], [1, 0.2, 0, 0]]],
            checkpoint: checkpoint)
        let service = try Service(fixture.storeFolder)
        let answer = try #require(try service.answers("/api/sentences?text=The+dog+sleeps.&top=1").first)
        #expect(answer["stored"] as? Bool == true)
        let sets = try #require(answer["sets"] as? [[String: Any]])
        #expect(sets.map { $0["language"] as? String } == ["eng", "fin"])
        let texts = sets.map { ($0["results"] as? [[String: Any]])?.first?["text"] as? String }
        #expect(texts == ["The dog sleeps.", "Koira nukkuu."])
        let map = try service.json("/api/map?word=dog&to=fi&layer=1&top=3")
        let translation = try #require(map["translation"] as? [String: Any])
        #expect(translation["query"] as? String == "dog" && (map["results"] as? [Any])?.count == 3)
        let shares = try #require(map["shares"] as? [Double])
        #expect(shares[0] >= shares[1] && shares[0] + shares[1] <= 1 + 1e-12)
    }

    @Test func explanationsAreThoseOfExplain() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        for (query, arguments) in [
            ("word=dog&to=fi&gold=koira", ["dog", "--to", "fi", "--gold", "koira", "--hubs", "stored"]),
            ("word=dog&to=fi&gold=koira&hubs=count", ["dog", "--to", "fi", "--gold", "koira"]),
            (
                "hubs=count&word=Dog&to=FIN&gold=hauva&from=en&layers=2&top=1",
                ["Dog", "--to", "FIN", "--gold", "hauva", "--from", "en", "--layers", "2", "--top", "1"]
            ),
            (
                "word=dog&to=fi&gold=koira&layers=1-2:mean&hubs=count",
                ["dog", "--to", "fi", "--gold", "koira", "--layers", "1-2:mean"]
            ),
        ] {
            let command = try QueryProcess.run(["explain", "--store", fixture.storeFolder, "--json"] + arguments)
            #expect(command.status == 0, "\(command.messages)")
            let line = command.output.trimmingCharacters(in: .newlines)
            #expect(try service.get("/api/explain?" + query).body == "{\"answers\":[\(line)]}\n", "\(query)")
        }
        func expect(_ query: String, _ status: Int, _ text: String) throws {
            let answer = try service.get("/api/explain?" + query)
            #expect(answer.status == status && answer.body.contains(text), "\(query): \(answer)")
        }
        try expect("word=dog&to=fi", 400, "gold is missing")
        try expect("word=dog&to=fi&gold=koira&layers=x", 400, "layers: expected all, 0,6,12")
        try expect("word=dog&to=fi&gold=koira&hubs=x", 400, "hubs: expected stored or count, found 'x'")
        try expect("word=dog&to=fi&gold=koira&layers=7", 404, "layer 7 asked for, stored: 1, 2")
        try expect("word=dog&to=fr&gold=koira", 404, "did you mean 'fi'?")
        try expect("word=dog&to=fi&gold=koira&layer=1", 400, "unknown parameter 'layer'; there are: word, to, gold")
        // One checkpoint's explanation stands beside why another has none.
        try fixture.publish(
            "words/de", ["Hund"], layers: [1: [[1, 0, 0, 0]]],
            checkpoint: QueryFixture.checkpoint("other", hiddenSize: 4))
        let answers = try service.answers("/api/explain?word=dog&to=fi&gold=koira")
        #expect(answers.map { $0["checkpoint"] as? String } == ["mini", "other"])
        #expect(answers[0]["layers"] is [Any] && answers[0]["error"] == nil)
        #expect((answers[1]["error"] as? String)?.contains("checkpoint 'other' has no words in 'fi'") == true)
    }

    /// The description names the parameters the program takes, and no others.
    @Test func theDescriptionIsTheProgramsOwn() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        let paths = try #require(try service.json("/openapi.json")["paths"] as? [String: [String: [String: Any]]])
        #expect(Set(paths.keys) == ["/api/store", "/api/translate", "/api/map", "/api/explain", "/api/sentences"])
        for (path, operations) in paths {
            let described = (operations["get"]?["parameters"] as? [[String: Any]] ?? []).compactMap {
                $0["name"] as? String
            }
            let answer = try service.get(path + "?nothing=1")
            #expect(answer.status == 400)
            let known = try #require(answer.body.components(separatedBy: "there are: ").last)
                .components(separatedBy: "\"")[0].components(separatedBy: ", ").filter { !$0.isEmpty }
            #expect(Set(known) == Set(described), "\(path)")
        }
        for (path, type) in [
            ("/", "text/html"), ("/explorer.js", "text/javascript"), ("/explorer.css", "text/css"),
            ("/icon.svg", "image/svg+xml"),
        ] {
            let answer = try LoopbackClient(service.port).exchange("GET \(path) HTTP/1.0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("Content-Type: \(type)"), "\(path)")
        }
    }

    /// As `timeout` does: once to the program, once to its group.
    @Test func aSignalSentTwiceIsOneRequest() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        service.process.signal(SIGTERM)
        // Long enough for the first to be handled, and well within a request.
        usleep(20_000)
        service.process.signal(SIGTERM)
        #expect(try service.process.wait().status == 0)
    }

    @Test func aTakenPortAndAMissingStore() throws {
        let fixture = try QueryFixture.words()
        let service = try Service(fixture.storeFolder)
        let second = try QueryProcess.run(["serve", "--store", fixture.storeFolder, "--port", "\(service.port)"])
        #expect(second.status == 75 && second.errors.contains("another program listens there"))
        #expect(try QueryProcess.run(["serve", "--store", fixture.folder + "/none"]).status == 66)
        #expect(try QueryProcess.run(["serve", "--store", fixture.storeFolder, "--address", "localhost"]).status == 64)
    }
}
