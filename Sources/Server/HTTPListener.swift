import FlyingSocks
import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Answers HTTP/1.1 requests on one address: GET and HEAD, under `ServerLimits`.
///
/// Sockets and their waiting are FlyingSocks'. Heads are read here: FlyingFox's own server reads lines of any length
/// and waits for their end for ever.
package final class HTTPListener: Sendable {
    private let socket: Socket
    private let parser: RequestParser
    private let hosts: HostRule
    private let threads: AnsweringThreads
    private let connections = Atomic<Int>(0)
    private var limits: ServerLimits { parser.limits }

    /// Begins to listen; answers come when `run` does.
    /// - Parameters:
    ///   - address: IPv4 or IPv6, in numbers.
    ///   - port: 0 for a free one.
    ///   - threads: that answer; so many questions, or groups of them, are answered at a time.
    ///   - group: what a request has in common with those it can be answered together with; nil for alone.
    ///   - answer: an answer to each of one request, or of several of one group; called from several threads at once.
    /// - Throws: `ServerError`
    package init(
        address: String, port: UInt16, limits: ServerLimits = ServerLimits(), hosts: HostRule = HostRule(),
        threads: Int, group: @escaping @Sendable (Request) -> String? = { _ in nil },
        answer: @escaping @Sendable ([Request]) -> [Response]
    ) throws {
        socket = try Self.listen(address, port)
        parser = RequestParser(limits: limits)
        self.hosts = hosts
        self.threads = AnsweringThreads(
            threads, mostWaiting: limits.waitingQuestions, group: group, answer: answer)
    }

    /// The port it listens on.
    package var port: Int {
        switch try? socket.sockname() {
        case .ip4(_, let port)?, .ip6(_, let port)?: Int(port)
        default: 0
        }
    }

    /// Answers until its task is cancelled; then questions that were read are still answered, and the port is free.
    package func run() async throws {
        let pool = SocketPool<Poll>.make(maxEvents: 64)
        try await pool.prepare()
        // Not a child: answers of the last questions still need it when the others are cancelled.
        let waiting = Task.detached { try? await pool.run() }
        defer {
            try? socket.close()
            threads.end()
        }
        await accept(on: try AsyncSocket(socket: socket, pool: pool))
        waiting.cancel()
        await waiting.value
    }

    private func accept(on listening: AsyncSocket) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let client = try await listening.accept()
                    let isOne = connections.add(1, ordering: .relaxed).newValue <= limits.connections
                    group.addTask { [self] in
                        if isOne {
                            await converse(client)
                        } else {
                            await refuse(client, RequestRefusal(.unavailable, "too many connections; try again"))
                        }
                        try? client.close()
                        connections.subtract(1, ordering: .relaxed)
                    }
                } catch {
                    // No descriptor is free, or the client is gone already: neither ends a server.
                    if !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
                }
            }
        }
    }

    /// One request after the other on a connection.
    private func converse(_ client: AsyncSocket) async {
        var received: [UInt8] = []
        while !Task.isCancelled {
            let request: Request
            do {
                guard let (head, rest) = try await readHead(client, after: received) else { return }
                received = rest
                request = try parser.parse(head)
                if let host = request.host, !hosts.allows(host) {
                    throw RequestRefusal(.misdirected, "this server does not go by the name '\(host)'")
                }
            } catch let refusal as RequestRefusal {
                return await refuse(client, refusal)
            } catch {
                return
            }
            let response = await threads.run(request)
            guard let response else {
                return await refuse(client, RequestRefusal(.unavailable, "too many questions wait; try again"))
            }
            let closes = !request.keepsConnection || Task.isCancelled
            let bytes = response.bytes(date: HTTPDate.now(), isHead: request.isHead, closes: closes)
            guard await send(bytes, to: client), !closes else { return }
        }
    }

    /// - Parameter received: what came behind the last request.
    /// - Returns: the next head, and what came behind it; nil when the client is gone or has said nothing.
    private func readHead(_ client: AsyncSocket, after received: [UInt8]) async throws -> ([UInt8], [UInt8])? {
        let begun = Mutex(!received.isEmpty)
        let found = try await within(limits.requestSeconds) { [parser] in
            var bytes = received
            while true {
                if let length = try parser.headLength(bytes) {
                    return (Array(bytes[..<length]), Array(bytes[length...]))
                }
                bytes += try await client.read(atMost: 4_096)
                begun.withLock { $0 = true }
            }
        }
        guard found == nil, begun.withLock({ $0 }) else { return found }
        throw RequestRefusal(.requestTimeout, "no whole request came within \(Int(limits.requestSeconds)) s")
    }

    /// Says why, and ends the connection so that the client can read it.
    private func refuse(_ client: AsyncSocket, _ refusal: RequestRefusal) async {
        let bytes = Response(refusal).bytes(date: HTTPDate.now(), isHead: false, closes: true)
        guard await send(bytes, to: client) else { return }
        // Closing with bytes unread would reset the connection, and take the answer away with it.
        shutdown(client.socket.file.rawValue, Int32(SHUT_WR))
        _ = try? await within(1) {
            for _ in 0..<64 { _ = try await client.read(atMost: 4_096) }
        }
    }

    /// Also when the server is ending: a question that was answered is answered.
    private func send(_ bytes: [UInt8], to client: AsyncSocket) async -> Bool {
        let seconds = limits.answerSeconds
        return await Task.detached {
            (try? await within(seconds) { try await client.write(Data(bytes)) }) != nil
        }.value
    }

    private static func listen(_ address: String, _ port: UInt16) throws -> Socket {
        do {
            if let ip4 = try? sockaddr_in.inet(ip4: address, port: port) { return try listen(ip4) }
            if let ip6 = try? sockaddr_in6.inet6(ip6: address, port: port) { return try listen(ip6) }
        } catch SocketError.failed(_, let code, _) where code == EADDRINUSE {
            throw ServerError.addressInUse(address: address, port: Int(port))
        } catch SocketError.failed(_, _, let message) {
            throw ServerError.cannotListen(address: address, port: Int(port), reason: message)
        }
        throw ServerError.notAnAddress(address)
    }

    private static func listen(_ address: some SocketAddress) throws -> Socket {
        let socket = try Socket(domain: Int32(address.family))
        do {
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: address)
            try socket.listen()
        } catch {
            try? socket.close()
            throw error
        }
        return socket
    }
}

/// - Returns: nil when the time was over first; `body` is cancelled then.
private func within<Result: Sendable>(
    _ seconds: Double, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}

/// What one client, and all of them together, may take of a server.
package struct ServerLimits: Sendable {
    /// Bytes of a request line.
    package var requestLineBytes = 8_192
    /// Bytes of request line and header fields together.
    package var headBytes = 16_384
    package var headerFields = 64
    /// From a connection's beginning, or the end of the last answer on it, until a whole request has come: a client
    /// that sends a letter a second is let go as one that sends nothing.
    package var requestSeconds = 10.0
    /// Until a client has taken its answer.
    package var answerSeconds = 30.0
    package var connections = 256
    /// Questions that wait for a thread; further ones are refused at once.
    package var waitingQuestions = 256

    package init() {}
}
