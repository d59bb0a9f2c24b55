import Console
import Fingerprinting
import Store

/// `shard.json`: what a shard holds and who made it. Written last, so where it is the shard is whole.
struct ShardNote: Codable, Equatable, Sendable {
    struct File: Codable, Equatable, Sendable {
        var bytes: Int
        /// XXH3-128
        var checksum: Fingerprint
    }

    struct Report: Codable, Equatable, Sendable {
        var sequences: Int
        var tokens: Int
        var encodingSeconds: Double
        var seconds: Double
        var peakMemoryBytes: Int
    }

    var format = 1
    /// The plan's id.
    var plan: String
    var shard: Int
    var host: String
    var program: ProgramIdentity
    var arithmetic: String
    var precision: String
    /// Layer files by their path in the shard.
    var files: [String: File]
    /// The catalogue's data file.
    var catalogue: File
    var report: Report
}

extension ProgramIdentity {
    /// This process.
    /// - Throws: `SystemFault`.
    static func own() throws -> ProgramIdentity {
        ProgramIdentity(version: ProgramVersion.number, checksum: try Fingerprint.of(file: "/proc/self/exe"))
    }
}
