import Diagnostics

/// What keeps a server from beginning.
package enum ServerError: Diagnosable, Equatable {
    /// - Parameter address: an IPv4 or IPv6 address.
    case addressInUse(address: String, port: Int)
    case notAnAddress(String)
    /// - Parameter reason: the system's.
    case cannotListen(address: String, port: Int, reason: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .addressInUse: .tryAgain
        case .notAnAddress: .usage
        case .cannotListen: .inputOutput
        }
    }

    package var description: String {
        switch self {
        case .addressInUse(let address, let port):
            "\(address) port \(port): another program listens there; end it, or choose another with --port (0 takes a "
                + "free one)"
        case .notAnAddress(let text):
            "'\(text)': expected an address of this machine in numbers, as 127.0.0.1 (only this machine), ::1, or "
                + "0.0.0.0 (everybody who reaches this machine)"
        case .cannotListen(let address, let port, let reason):
            "\(address) port \(port): cannot listen: \(reason); choose another with --address and --port"
        }
    }
}
