/// Texts that are read one after another: files, and members of archives.
package final class TextSequence {
    package struct Place: Sendable, Equatable {
        package let path: String
        /// Members of the archive that the file is; nil for a file that holds one text.
        package let members: Set<String>?

        package init(path: String, members: Set<String>? = nil) {
            self.path = path
            self.members = members
        }
    }

    private let places: [Place]
    private var position = 0
    private var archive: ArchiveMembers?

    package init(_ places: [Place]) { self.places = places }

    /// The lines of the next text, or nil after the last.
    /// - Throws: `FileError`, `SystemFault`.
    package func nextLines() throws -> LineReader? { try LineReader { try self.next(sniffing: $0) } }

    /// The bytes of the next text, or nil after the last.
    /// - Throws: `FileError`, `SystemFault`.
    package func nextBytes() throws -> ByteStream? { try ByteStream { try self.next(sniffing: $0) } }

    private func next(sniffing buffer: UnsafeMutableRawBufferPointer) throws -> OpenedSource? {
        while true {
            if let opened = try archive?.next(sniffing: buffer) { return opened }
            archive = nil
            guard position < places.count else { return nil }
            let place = places[position]
            position += 1
            guard let members = place.members else { return try OpenedSource.open(place.path, sniffing: buffer) }
            archive = try ArchiveMembers(path: place.path, names: members)
        }
    }
}
