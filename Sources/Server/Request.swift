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
