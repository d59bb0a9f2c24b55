/// A request that was understood: GET or HEAD, without a body.
package struct Request: Sendable {
    package struct Parameter: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    package let isHead: Bool
    /// As sent, before "?"; nothing in it is decoded, and no file is ever looked for under it.
    package let path: String
    /// Decoded; in the order sent.
    package let parameters: [Parameter]
    /// The name the client called this server, with its port if it gave one; nil where HTTP/1.0 leaves it out.
    package let host: String?
    /// Whether the client will go on with the connection.
    package let keepsConnection: Bool

    package func values(_ name: String) -> [String] {
        parameters.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }
}

/// Why a request is not answered.
package struct RequestRefusal: Error, Equatable {
    package let status: ResponseStatus
    package let message: String

    package init(_ status: ResponseStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Reads request heads, strictly: what two readers could understand in two ways is refused.
/// - Source: RFC 9112 §2 to §6, RFC 3986 §2.1; query strings as browsers write forms (WHATWG URL, §5.1).
package struct RequestParser: Sendable {
    package let limits: ServerLimits

    package init(limits: ServerLimits) { self.limits = limits }

    /// How many bytes the head at the beginning has, its empty line included.
    /// - Returns: nil while its end has not come.
    /// - Throws: `RequestRefusal` as soon as it is certain to be too long.
    package func headLength(_ bytes: [UInt8]) throws(RequestRefusal) -> Int? {
        if let end = Self.endOfHead(bytes), end <= limits.headBytes { return end }
        let line = bytes.firstIndex(of: Self.lineFeed) ?? bytes.count
        guard line <= limits.requestLineBytes else {
            throw RequestRefusal(.targetTooLong, "a request line has at most \(limits.requestLineBytes) bytes")
        }
        guard bytes.count < limits.headBytes else {
            throw RequestRefusal(.headerFieldsTooLarge, "a request's head has at most \(limits.headBytes) bytes")
        }
        return nil
    }

    /// - Parameter head: with the empty line at its end.
    package func parse(_ head: some Collection<UInt8>) throws(RequestRefusal) -> Request {
        var lines = try Self.lines(head)
        guard !lines.isEmpty else { throw RequestRefusal(.badRequest, "an empty request") }
        let first = lines.removeFirst()
        guard first.utf8.count <= limits.requestLineBytes else {
            throw RequestRefusal(.targetTooLong, "a request line has at most \(limits.requestLineBytes) bytes")
        }
        guard lines.count <= limits.headerFields else {
            throw RequestRefusal(.headerFieldsTooLarge, "a request has at most \(limits.headerFields) header fields")
        }
        let (method, target, isOld) = try Self.requestLine(first)
        let fields = try lines.map { line throws(RequestRefusal) in try Self.field(line) }
        guard method == "GET" || method == "HEAD" else {
            throw RequestRefusal(.methodNotAllowed, "this server only answers GET and HEAD")
        }
        func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
        guard values("transfer-encoding").isEmpty, values("content-length").allSatisfy({ $0 == "0" }) else {
            throw RequestRefusal(.contentTooLarge, "this server reads no request body")
        }
        let hosts = values("host")
        guard hosts.count == 1 || (isOld && hosts.isEmpty) else {
            throw RequestRefusal(.badRequest, "expected one Host field, found \(hosts.count)")
        }
        let connection: [String] = values("connection").flatMap { value in
            value.lowercased().split(separator: ",").map { option in String(option.filter { $0 != " " && $0 != "\t" }) }
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return Request(
            isHead: method == "HEAD", path: String(parts[0]),
            parameters: try parts.count > 1 ? Self.parameters(parts[1]) : [], host: hosts.first,
            keepsConnection: isOld ? connection.contains("keep-alive") : !connection.contains("close"))
    }
}

extension RequestParser {
    private static let (carriageReturn, lineFeed) = (UInt8(0x0D), UInt8(0x0A))

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == lineFeed && bytes[index - 1] == carriageReturn && bytes[index - 2] == lineFeed
            && bytes[index - 3] == carriageReturn
        {
            return index + 1
        }
        return nil
    }

    /// Lines that end with CR LF, without the empty one at the end.
    private static func lines(_ head: some Collection<UInt8>) throws(RequestRefusal) -> [String] {
        var lines: [String] = [], line: [UInt8] = [], afterReturn = false
        for byte in head {
            switch byte {
            case carriageReturn where !afterReturn: afterReturn = true
            case lineFeed where afterReturn:
                guard let text = String(validating: line, as: UTF8.self) else {
                    throw RequestRefusal(.badRequest, "a request's head is UTF-8")
                }
                if !line.isEmpty { lines.append(text) }
                line.removeAll(keepingCapacity: true)
                afterReturn = false
            case _ where !afterReturn && (byte == 0x09 || (byte >= 0x20 && byte != 0x7F)): line.append(byte)
            default: throw RequestRefusal(.badRequest, "a control character in the request's head")
            }
        }
        guard line.isEmpty, !afterReturn else { throw RequestRefusal(.badRequest, "the request's head has no end") }
        return lines
    }

    private static func requestLine(
        _ line: String
    ) throws(RequestRefusal) -> (method: String, target: String, isOld: Bool) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].utf8.allSatisfy(isTokenByte) else {
            throw RequestRefusal(.badRequest, "expected a request line: GET /path HTTP/1.1")
        }
        guard ["HTTP/1.1", "HTTP/1.0"].contains(parts[2]) else {
            throw RequestRefusal(
                parts[2].hasPrefix("HTTP/") ? .versionNotSupported : .badRequest, "expected HTTP/1.1 or HTTP/1.0")
        }
        guard parts[1].hasPrefix("/"), parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 }) else {
            throw RequestRefusal(.badRequest, "expected a path that begins with /, other letters as %XX")
        }
        return (parts[0], parts[1], parts[2] == "HTTP/1.0")
    }

    private static func field(_ line: String) throws(RequestRefusal) -> (name: String, value: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        // A space before the colon, or a line that goes on with the last one, is where readers differ.
        guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(isTokenByte) else {
            throw RequestRefusal(.badRequest, "expected a header field: Name: value")
        }
        var value = parts[1]
        while let first = value.unicodeScalars.first, first == " " || first == "\t" {
            value.unicodeScalars.removeFirst()
        }
        while let last = value.unicodeScalars.last, last == " " || last == "\t" { value.unicodeScalars.removeLast() }
        return (parts[0].lowercased(), String(value))
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func parameters(_ query: Substring) throws(RequestRefusal) -> [Request.Parameter] {
        try query.split(separator: "&").map { part throws(RequestRefusal) in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return .init(name: try decode(sides[0]), value: try sides.count > 1 ? decode(sides[1]) : "")
        }
    }

    /// Percent escapes and "+" for a space; UTF-8 without control characters.
    private static func decode(_ text: Substring) throws(RequestRefusal) -> String {
        var bytes: [UInt8] = [], rest = text.utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
                else { throw RequestRefusal(.badRequest, "expected two hexadecimal digits behind %") }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RequestRefusal(.badRequest, "a parameter is not UTF-8")
        }
        guard decoded.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw RequestRefusal(.badRequest, "a control character in a parameter")
        }
        return decoded
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
