import Fingerprinting

/// How keys of the catalogue are put together (docs/store.md). Byte order of keys is the order of enumeration.
enum CatalogueKey {
    static let separator: UInt8 = 0
    /// Layers have two digits in keys and file names, so that their byte order is their order.
    static let layerRange = 0...99
    /// Texts up to this many bytes are keys themselves; 16 + 480 stays below LMDB's 511.
    static let longestPlainText = 480
    /// First byte of a longer text's stand-in; no UTF-8 text begins with it.
    static let standInMarker: UInt8 = 0xFF

    static func checkpoint(_ name: String) -> [UInt8] { Array(name.utf8) }

    static func collection(_ collection: String, checkpoint: String) -> [UInt8] {
        Array(checkpoint.utf8) + [separator] + Array(collection.utf8)
    }

    /// What every collection key of a checkpoint begins with.
    static func collections(of checkpoint: String) -> [UInt8] { Array(checkpoint.utf8) + [separator] }

    static func layers(of collection: String, checkpoint: String) -> [UInt8] {
        Self.collection(collection, checkpoint: checkpoint) + [separator]
    }

    static func layer(_ layer: Int, of collection: String, checkpoint: String) -> [UInt8] {
        layers(of: collection, checkpoint: checkpoint) + Array(twoDigits(layer).utf8)
    }

    static func result(task: String, fingerprint: Fingerprint) -> [UInt8] {
        Array(task.utf8) + [separator] + Array(fingerprint.hex.utf8)
    }

    static func list(_ list: Fingerprint) -> [UInt8] { list.bigEndianBytes }

    static func row(_ row: UInt32, list: Fingerprint) -> [UInt8] {
        list.bigEndianBytes + withUnsafeBytes(of: row.bigEndian, Array.init)
    }

    /// The text itself, or marker and XXH3-128 of it when it is long; without the list id.
    static func text(_ utf8: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if utf8.count <= longestPlainText { return Array(utf8) }
        return [standInMarker] + Fingerprint.of(bytes: UnsafeRawBufferPointer(utf8)).bigEndianBytes
    }

    static func twoDigits(_ layer: Int) -> String { layer < 10 ? "0\(layer)" : String(layer) }

    /// A key as a person reads it: NUL shown as a space.
    static func readable(_ key: some Collection<UInt8>) -> String {
        String(decoding: key.map { $0 == separator ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}

extension Fingerprint {
    /// 16 bytes, most significant first: the order of the hexadecimal digits.
    var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian, Array.init) + withUnsafeBytes(of: low.bigEndian, Array.init)
    }

    /// Lends them without making an array.
    func withBigEndianBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    /// - Precondition: 16 bytes.
    init(bigEndian bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == 16, "a fingerprint has 16 bytes, got \(bytes.count)")
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
