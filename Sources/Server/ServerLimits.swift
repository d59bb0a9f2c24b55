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
