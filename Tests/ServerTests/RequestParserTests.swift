import Testing

@testable import Server

@Suite struct RequestParserTests {
    private let parser = RequestParser(limits: ServerLimits())

    private func parse(_ text: String) throws -> Request { try parser.parse(Array(text.utf8)) }

    private func refusal(_ text: String) -> ResponseStatus? {
        do {
            _ = try parse(text)
            return nil
        } catch { return (error as? RequestRefusal)?.status }
    }

    @Test func aBrowsersRequest() throws {
        let request = try parse(
            "GET /api/translate?word=d%C3%A9j%C3%A0+vu&to=fi&to=de&flag HTTP/1.1\r\nHost: localhost:8080\r\n"
                + "Accept:  */* \r\n\r\n")
        #expect(request.path == "/api/translate" && !request.isHead && request.keepsConnection)
        #expect(request.values("word") == ["déjà vu"] && request.values("to") == ["fi", "de"])
        #expect(request.values("flag") == [""] && request.values("wor").isEmpty)
        #expect(request.host == "localhost:8080")
    }

    /// Composed and decomposed forms are two words: the bytes sent are the bytes asked for.
    @Test func parametersKeepTheirBytes() throws {
        let request = try parse("GET /?a=%C3%A9&a=e%CC%81 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.values("a").map { Array($0.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
    }

    @Test func connections() throws {
        #expect(try !parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n").keepsConnection)
        #expect(try !parse("GET / HTTP/1.0\r\n\r\n").keepsConnection)
        #expect(try parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keepsConnection)
        #expect(try parse("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").isHead)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", ResponseStatus.badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .badRequest),
        ("GET /\r\n\r\n", .badRequest),
        ("\r\n\r\n", .badRequest),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .versionNotSupported),
        ("GET / FTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\nHost: a\n\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\n more\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\u{0}b\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", .badRequest),
        ("GET /?a=%4 HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET /?a=%ff HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET /?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("GET /?a=%C2%85 HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
        ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", .methodNotAllowed),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", .contentTooLarge),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 3\r\n\r\n", .contentTooLarge),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .contentTooLarge),
    ])
    func whatIsRefused(_ text: String, _ status: ResponseStatus) { #expect(refusal(text) == status, "\(text)") }

    @Test func lengths() throws {
        #expect(try parser.headLength(Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8)) == nil)
        #expect(try parser.headLength(Array("GET / HTTP/1.1\r\n\r\nGET".utf8)) == 18)
        let long = [UInt8](repeating: 0x61, count: 8_193)
        #expect(throws: RequestRefusal(.targetTooLong, "a request line has at most 8192 bytes")) {
            _ = try parser.headLength(long)
        }
        let fields = Array("GET / HTTP/1.1\r\n".utf8) + [UInt8](repeating: 0x61, count: 16_384)
        #expect(throws: RequestRefusal(.headerFieldsTooLarge, "a request's head has at most 16384 bytes")) {
            _ = try parser.headLength(fields)
        }
        let many = (0..<65).map { "A\($0): b\r\n" }.joined()
        #expect(refusal("GET / HTTP/1.1\r\n\(many)\r\n") == .headerFieldsTooLarge)
        let some = (0..<63).map { "A\($0): b\r\n" }.joined()
        #expect(refusal("GET / HTTP/1.1\r\nHost: a\r\n\(some)\r\n") == nil)
    }

    @Test(arguments: [
        "localhost", "LOCALHOST:8080", "a.localhost:1", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]",
        "192.168.1.2:80", "lab.example", "Lab.Example:8080",
    ])
    func namesAnswered(_ host: String) { #expect(HostRule(names: ["lab.example"]).allows(host)) }

    @Test(arguments: [
        "", ":80", "evil.example", "localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example", "[::1",
        "[::1]x",
        "localhost:x", "localhost:80:80", "::1", "127.1", "[evil.example]", "localhost:123456",
    ])
    func namesRefused(_ host: String) { #expect(!HostRule(names: ["lab.example"]).allows(host)) }

    @Test func dates() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
