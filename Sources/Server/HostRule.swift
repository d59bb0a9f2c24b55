#if canImport(Glibc)
import Glibc
#endif

/// Which names a client may call this server.
///
/// A page from elsewhere can have a name of its own point to this machine ("DNS rebinding") and then read what the
/// browser takes for its own site. Such a request carries that name: so a name is only answered when it is localhost,
/// an address in numbers, which nobody can make point elsewhere, or one the server was told.
package struct HostRule: Sendable {
    /// Lower case.
    private let names: Set<String>

    package init(names: [String] = []) { self.names = Set(names.map { $0.lowercased() }) }

    /// - Parameter host: of the Host field: "localhost:8080", "[::1]:8080".
    package func allows(_ host: String) -> Bool {
        var name = host[...]
        if name.hasPrefix("[") {
            guard let end = name.firstIndex(of: "]") else { return false }
            let address = name[name.index(after: name.startIndex)..<end]
            return Self.isPort(name[name.index(after: end)...]) && Self.isAddress(String(address), AF_INET6)
        }
        if let colon = name.firstIndex(of: ":") {
            guard Self.isPort(name[colon...]) else { return false }
            name = name[..<colon]
        }
        let lower = name.lowercased()
        return lower == "localhost" || lower.hasSuffix(".localhost") || names.contains(lower)
            || Self.isAddress(lower, AF_INET)
    }

    /// "" or ":8080".
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || (text.hasPrefix(":") && text.utf8.count <= 6
                && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
    }

    private static func isAddress(_ text: String, _ family: Int32) -> Bool {
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }
}
