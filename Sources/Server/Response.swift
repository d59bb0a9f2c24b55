#if canImport(Glibc)
import Glibc
#endif

/// Those a read-only server gives (RFC 9110 §15).
package enum ResponseStatus: Int, Sendable {
    case ok = 200
    case badRequest = 400
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case contentTooLarge = 413
    case targetTooLong = 414
    case misdirected = 421
    case unprocessable = 422
    case headerFieldsTooLarge = 431
    case internalError = 500
    case unavailable = 503
    case versionNotSupported = 505

    var phrase: String {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .requestTimeout: "Request Timeout"
        case .contentTooLarge: "Content Too Large"
        case .targetTooLong: "URI Too Long"
        case .misdirected: "Misdirected Request"
        case .unprocessable: "Unprocessable Content"
        case .headerFieldsTooLarge: "Request Header Fields Too Large"
        case .internalError: "Internal Server Error"
        case .unavailable: "Service Unavailable"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }
}

package struct Response: Sendable {
    package let status: ResponseStatus
    /// With its charset.
    package let contentType: String
    package let body: [UInt8]

    package init(_ status: ResponseStatus, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// What refusals say, as text.
    init(_ refusal: RequestRefusal) {
        self.init(
            refusal.status, contentType: "text/plain; charset=utf-8", body: Array((refusal.message + "\n").utf8))
    }

    /// What every answer says to a browser: nothing from elsewhere, no script in the page's text, no frame around it.
    private static let securityHeaders = """
        Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
        img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r
        Cross-Origin-Opener-Policy: same-origin\r
        Cross-Origin-Resource-Policy: same-origin\r
        Referrer-Policy: no-referrer\r
        X-Content-Type-Options: nosniff\r
        X-Frame-Options: DENY\r

        """

    /// The answer as it goes over the wire.
    /// - Parameters:
    ///   - date: as `HTTPDate` writes it.
    ///   - isHead: whether only the header was asked for.
    func bytes(date: String, isHead: Bool, closes: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\nDate: \(date)\r\n"
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\nCache-Control: no-store\r\n"
        if status == .methodNotAllowed { head += "Allow: GET, HEAD\r\n" }
        if status == .unavailable { head += "Retry-After: 1\r\n" }
        head += "Connection: \(closes ? "close" : "keep-alive")\r\n"
        head += Self.securityHeaders + "\r\n"
        return Array(head.utf8) + (isHead ? [] : body)
    }
}

/// The time as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT".
/// - Source: RFC 9110 §5.6.7.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func now() -> String { text(time(nil)) }

    /// - Parameter seconds: since 1970.
    static func text(_ seconds: time_t) -> String {
        var seconds = seconds, parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(1900 + parts.tm_year) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
