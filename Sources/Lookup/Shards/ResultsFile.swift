import Diagnostics
import Evaluation
import Files
import Fingerprinting
import Store

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Results on their way from a job to the store: what `query … --shard` writes and `query merge` reads (docs/store.md,
/// "Files of results").
///
/// JSON Lines: a header, a line for each result, a checksum of all before. Everything the catalogue keeps of a result
/// is in it, and what the storing transaction compares with what it has then.
package struct ResultsFile: Sendable {
    static let format = 1
    private static let kind = "polylex results"
    /// Larger than a million results.
    private static let limit = 8 << 30

    /// Which program: numbers of another build are not mixed in.
    package struct Program: Codable, Equatable, Sendable {
        package let version: String
        /// XXH3-128 of the program's file.
        package let checksum: Fingerprint

        /// This process.
        /// - Throws: `SystemFault`.
        package static func own(version: String) throws -> Program {
            Program(version: version, checksum: try Fingerprint.of(file: "/proc/self/exe"))
        }

        /// "0.2.0 (0123456789ab)"
        var text: String { "\(version) (\(checksum.short))" }
    }

    package struct Header: Codable, Equatable, Sendable {
        var format = ResultsFile.format
        var kind = ResultsFile.kind
        package let program: Program
        let arithmetic: String
        let precision: String
        package let task: String
        /// `EvaluationDivision.identity`
        package let division: Fingerprint
        package let shard: Int
        package let shards: Int
        /// false for what a job that was stopped has found so far.
        package let complete: Bool
        package let results: Int
    }

    package let path: String
    package let header: Header
    /// By checkpoint, data set, pair, layer.
    package let results: [NewResult]

    private struct Line: Codable {
        let record: ResultRecord
        let basis: ResultBasis
        let kind: UInt8
        let data: Fingerprint
        /// Base 64.
        let outcomes: Data
    }

    private struct End: Codable { let checksum: Fingerprint }

    init(
        path: String, program: Program, task: String, division: Fingerprint, shard: EvaluationShard, complete: Bool,
        results: [NewResult]
    ) {
        self.path = path
        self.results = results.sorted { $0.record.place < $1.record.place }
        header = Header(
            program: program, arithmetic: Computation.here.arithmetic, precision: Computation.here.precision,
            task: task, division: division, shard: shard.index, shards: shard.count, complete: complete,
            results: results.count)
    }

    // MARK: Writing

    /// Makes the file durable and gives it its name.
    /// - Throws: `SystemFault`.
    package func write() throws {
        let file = try DurableFile(path: path)
        let checksum = FingerprintBuilder()
        func append(_ value: some Encodable) throws {
            let bytes = try Self.encode(value)
            try bytes.withUnsafeBytes {
                checksum.combine(bytes: $0)
                try file.append($0)
            }
        }
        try append(header)
        for result in results {
            guard let outcomes = result.outcomes else { preconditionFailure("every evaluation keeps outcomes") }
            try append(
                Line(
                    record: result.record, basis: result.basis, kind: outcomes.kind.rawValue, data: outcomes.data,
                    outcomes: Data(outcomes.bytes)))
        }
        try Self.encode(End(checksum: checksum.finish())).withUnsafeBytes(file.append)
        try file.finish()
    }

    private static func encode(_ value: some Encodable) throws -> [UInt8] {
        try JSONCoding.bytes(of: value) + [UInt8(ascii: "\n")]
    }

    // MARK: Reading

    /// Reads a file whole and believes nothing of it before its checksum is right.
    /// - Throws: `ResultsFileError.notResults`, `.damaged`, `.newer`; `FileError`, `SystemFault`.
    package init(reading path: String) throws {
        let bytes = try RegularFile(reading: path).contents(limit: Self.limit)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let start = try? JSONCoding.value(Start.self, from: lines[0])
        guard let start, start.kind == Self.kind else {
            throw ResultsFileError.notResults(
                path: path, found: bytes.isEmpty ? "an empty file" : "a file of another kind")
        }
        func damaged(_ expected: String, _ found: String) -> ResultsFileError {
            .damaged(path: path, expected: expected, found: found)
        }
        if start.format > Self.format {
            throw ResultsFileError.newer(path: path, found: start.format, supported: Self.format)
        }
        // The last line ends with a line feed, so that an empty one stands behind it.
        guard lines.count >= 3, lines[lines.count - 1].isEmpty,
            let end = try? JSONCoding.value(End.self, from: lines[lines.count - 2])
        else { throw damaged("a line with a checksum at the end", "none") }
        let checksum = bytes.withUnsafeBytes { all in
            Fingerprint.of(bytes: UnsafeRawBufferPointer(rebasing: all[..<lines[lines.count - 2].startIndex]))
        }
        guard checksum == end.checksum else {
            throw damaged("bytes of the checksum \(end.checksum.short)", checksum.short)
        }
        func decode<Value: Decodable>(_ type: Value.Type, line: Int) throws -> Value {
            do {
                return try JSONCoding.value(type, from: lines[line])
            } catch {
                throw damaged("what a job writes in line \(line + 1)", JSONCoding.explanation(of: error))
            }
        }
        self.path = path
        let header = try decode(Header.self, line: 0)
        self.header = header
        guard EvaluationShard.counts.contains(header.shards), (0..<header.shards).contains(header.shard) else {
            throw damaged("a shard of at most \(EvaluationShard.counts.upperBound)", "\(header.shard)/\(header.shards)")
        }
        guard lines.count - 3 == header.results else {
            throw damaged("\(header.results) results", "\(lines.count - 3)")
        }
        results = try (1..<lines.count - 2).map { number in
            let line = try decode(Line.self, line: number)
            guard let kind = ResultOutcomes.Kind(rawValue: line.kind), line.record.task == header.task,
                line.record.checkpoint == line.basis.checkpoint,
                line.record.provenance["checkpoint_fingerprint"] == line.basis.weights.hex
            else { throw damaged("a result of \(header.task) and what it was computed from", "line \(number + 1)") }
            return NewResult(
                record: line.record, basis: line.basis,
                outcomes: ResultOutcomes(kind: kind, data: line.data, bytes: [UInt8](line.outcomes)))
        }
    }

    private struct Start: Decodable {
        let kind: String
        let format: Int
    }

    /// Whether it is of this shard of this evaluation.
    func isOf(_ division: EvaluationDivision, task: String, _ shard: EvaluationShard) -> Bool {
        header.task == task && header.division == division.identity && header.shard == shard.index
            && header.shards == shard.count
    }

    /// That this program would have come to the same bits.
    /// - Throws: `ResultsFileError.otherProgram`, `.otherArithmetic`.
    package func requireOwn(_ program: Program) throws {
        guard header.program == program else {
            throw ResultsFileError.otherProgram(path: path, expected: program.text, found: header.program.text)
        }
        guard Computation(arithmetic: header.arithmetic, precision: header.precision) == .here else {
            throw ResultsFileError.otherArithmetic(
                path: path, expected: "\(Computation.here.arithmetic), \(Computation.here.precision)",
                found: "\(header.arithmetic), \(header.precision)")
        }
    }
}

extension ResultRecord {
    /// What results are sorted by.
    var place: (String, String, String, Int, String) { (checkpoint, dataset, pair, layer, mean ?? "") }

    /// For messages: "bli of mbert, glavas en-fi, layer 7".
    var title: String { "\(task) of \(checkpoint), \(dataset) \(pair), layer \(mean ?? "\(layer)")" }
}
