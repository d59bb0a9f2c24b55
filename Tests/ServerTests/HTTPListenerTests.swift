import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Server

#if canImport(Glibc)
import Glibc
#endif

/// Against raw sockets: what a browser never sends.
@Suite(.timeLimit(.minutes(15))) struct HTTPListenerTests {
    /// A listener whose answer is the path asked for, while `body` runs.
    private func listening(
        _ change: (inout ServerLimits) -> Void = { _ in }, threads: Int = 2,
        answer: @escaping @Sendable (Request) -> Response = {
            Response(.ok, contentType: "text/plain; charset=utf-8", body: Array($0.path.utf8))
        },
        _ body: @Sendable @escaping (_ port: Int) throws -> Void
    ) async throws {
        var limits = ServerLimits()
        change(&limits)
        let listener = try HTTPListener(address: "127.0.0.1", port: 0, limits: limits, threads: threads) {
            $0.map(answer)
        }
        let port = listener.port
        let serving = Task.detached { try await listener.run() }
        // Blocking calls belong on a thread of their own.
        let outcome = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result { try body(port) }) }
        }
        serving.cancel()
        try await serving.value
        try outcome.get()
    }

    @Test func answersCarryTheirHeaders() async throws {
        try await listening { port in
            let answer = try LoopbackClient(port).exchange(
                "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n/a"))
            for field in [
                "Content-Length: 2", "Connection: close",
                "Content-Security-Policy: default-src 'none'; script-src 'self'",
                "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer",
                "Cross-Origin-Resource-Policy: same-origin",
            ] { #expect(answer.contains("\r\n\(field)"), "\(field)") }
            let head = try LoopbackClient(port).exchange(
                "HEAD /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(head.contains("Content-Length: 2") && head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func severalRequestsOnAConnection() async throws {
        try await listening { port in
            // Sent together, and cut anywhere.
            let client = try LoopbackClient(port)
            try client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HTTP/1.1\r\nHo")
            usleep(50_000)
            try client.send("st: localhost\r\nConnection: close\r\n\r\n")
            let answer = client.readAll()
            #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            #expect(answer.contains("\r\n\r\n/aHTTP/1.1") && answer.hasSuffix("\r\n\r\n/b"))
        }
    }

    @Test func foreignNamesAreRefused() async throws {
        try await listening { port in
            let answer = try LoopbackClient(port).exchange("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 421 ") && answer.contains("'evil.example'"))
        }
    }

    @Test func hugeHeadsAreRefusedWhileTheyCome() async throws {
        try await listening { port in
            let client = try LoopbackClient(port)
            // Far more than any limit: the server must not read it all.
            let block = String(repeating: "a", count: 1 << 16)
            var sent = 0
            for _ in 0..<4_096 {
                guard (try? client.send(block)) != nil else { break }
                sent += block.utf8.count
            }
            #expect(sent < 4_096 << 16)
            #expect(
                try LoopbackClient(port).exchange("GET /\(block) HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix(
                    "HTTP/1.1 414 "))
            let fields = String(repeating: "A: \(String(repeating: "b", count: 1_000))\r\n", count: 20)
            #expect(
                try LoopbackClient(port).exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
                    .hasPrefix("HTTP/1.1 431 "))
            #expect(
                try LoopbackClient(port).exchange(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n123456789"
                )
                .hasPrefix("HTTP/1.1 405 "))
            #expect(try LoopbackClient(port).exchange("\u{16}\u{03}\u{01}\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func slowClientsAreLetGo() async throws {
        try await listening({ $0.requestSeconds = 0.5 }) { port in
            let begun = Date()
            let client = try LoopbackClient(port)
            for letter in "GET / HTTP/1.1\r\nHost: localhost\r\n" where Date().timeIntervalSince(begun) < 5 {
                guard (try? client.send(String(letter))) != nil else { break }
                usleep(40_000)
                if client.hasAnswer { break }
            }
            // How soon is no matter of the server's alone: other tests take the threads its timers run on.
            #expect(client.readAll().hasPrefix("HTTP/1.1 408 "))
            // One that says nothing hears nothing.
            #expect(try LoopbackClient(port).readAll().isEmpty)
            #expect(eventually { try LoopbackClient(port).exchange("GET /a HTTP/1.0\r\n\r\n").hasSuffix("/a") })
        }
    }

    @Test func connectionsAreCounted() async throws {
        try await listening({ ($0.connections, $0.requestSeconds) = (3, 60) }) { port in
            let idle = try (0..<3).map { _ in try LoopbackClient(port) }
            #expect(
                eventually { try LoopbackClient(port).exchange("GET /a HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 503 ") })
            for client in idle { client.close() }
            #expect(
                eventually { try LoopbackClient(port).exchange("GET /a HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 200 ") })
        }
    }

    @Test func whoDoesNotReadItsAnswerIsLetGo() async throws {
        let big = Response(.ok, contentType: "text/plain", body: [UInt8](repeating: 0x61, count: 32 << 20))
        try await listening({ ($0.answerSeconds, $0.connections) = (0.5, 1) }, answer: { _ in big }) { port in
            let client = try LoopbackClient(port)
            try client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            // Its place is free again.
            #expect(eventually { try LoopbackClient(port).exchange("GET / HTTP/1.0\r\n\r\n").utf8.count > 32 << 20 })
            #expect(client.readAll().utf8.count < 32 << 20)
        }
    }

    @Test func manyClientsAtOnce() async throws {
        try await listening { port in
            let wrong = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: 64) { client in
                for request in 0..<10 {
                    let path = "/\(client)/\(request)"
                    let answer = try? LoopbackClient(port).exchange("GET \(path) HTTP/1.0\r\n\r\n")
                    if answer?.hasSuffix("\r\n\r\n" + path) != true { wrong.add(1, ordering: .relaxed) }
                }
            }
            #expect(wrong.load(ordering: .relaxed) == 0)
        }
    }

    /// A question that was read is answered, however soon the server is told to end.
    @Test func endingAnswersWhatWasAsked() async throws {
        let asked = DispatchSemaphore(value: 0)
        let listener = try HTTPListener(address: "127.0.0.1", port: 0, threads: 1) { requests in
            asked.signal()
            usleep(300_000)
            return requests.map { Response(.ok, contentType: "text/plain", body: Array($0.path.utf8)) }
        }
        let port = listener.port
        let serving = Task.detached { try await listener.run() }
        let answer = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let client = try? LoopbackClient(port)
                try? client?.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n")
                asked.wait()
                serving.cancel()
                continuation.resume(returning: client?.readAll())
            }
        }
        try await serving.value
        #expect(answer?.hasSuffix("/late") == true && answer?.contains("Connection: close") == true)
        #expect(throws: (any Error).self) { try LoopbackClient(port) }
    }

    /// What waits is answered with what it belongs to, shared out among the threads; what belongs to nothing is alone.
    @Test func waitingQuestionsOfAGroupAreAnsweredTogether() async throws {
        let asked = Mutex<[[String]]>([])
        let release = DispatchSemaphore(value: 0), begun = DispatchSemaphore(value: 0)
        let threads = AnsweringThreads(
            1, mostWaiting: 100, group: { $0.path.hasPrefix("/group") ? String($0.path.prefix(7)) : nil },
            answer: { requests in
                asked.withLock { $0.append(requests.map(\.path)) }
                begun.signal()
                release.wait()
                return requests.map { Response(.ok, contentType: "text/plain", body: Array($0.path.utf8)) }
            })
        defer { threads.end() }
        func request(_ path: String) -> Request {
            Request(isHead: false, path: path, parameters: [], host: nil, keepsConnection: true)
        }
        let first = Task { await threads.run(request("/first")) }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                begun.wait()
                continuation.resume()
            }
        }
        // The one thread is held: these wait.
        let paths = ["/group1/a", "/group2/a", "/alone/a", "/group1/b", "/alone/b", "/group2/b", "/group1/c"]
        var tasks: [Task<Response?, Never>] = []
        for (index, path) in paths.enumerated() {
            tasks.append(Task { await threads.run(request(path)) })
            while threads.waitingCount != index + 1 { try await Task.sleep(for: .milliseconds(1)) }
        }
        for _ in 0...paths.count { release.signal() }
        #expect(await first.value?.body == Array("/first".utf8))
        for (path, task) in zip(paths, tasks) { #expect(await task.value?.body == Array(path.utf8), "\(path)") }
        let taken = asked.withLock { $0 }
        #expect(
            taken == [
                ["/first"], ["/group1/a", "/group1/b", "/group1/c"], ["/group2/a", "/group2/b"], ["/alone/a"],
                ["/alone/b"],
            ])
    }

    @Test func aPortThatIsTaken() throws {
        let first = try HTTPListener(address: "127.0.0.1", port: 0, threads: 1) { _ in
            [Response(.ok, contentType: "text/plain", body: [])]
        }
        #expect(throws: ServerError.addressInUse(address: "127.0.0.1", port: first.port)) {
            try HTTPListener(address: "127.0.0.1", port: UInt16(first.port), threads: 1) { _ in
                [Response(.ok, contentType: "text/plain", body: [])]
            }
        }
        #expect(throws: ServerError.notAnAddress("localhost")) {
            try HTTPListener(address: "localhost", port: 0, threads: 1) { _ in
                [Response(.ok, contentType: "text/plain", body: [])]
            }
        }
    }
}

/// Whether something comes true: other tests take the threads that a server's connections are let go on.
private func eventually(_ condition: () throws -> Bool) -> Bool {
    for _ in 0..<3_000 {
        if (try? condition()) == true { return true }
        usleep(100_000)
    }
    return false
}
