import Files
import Foundation

@testable import Lexicon

/// All lines of a file, as strings.
func lines(of path: String, maximalLineBytes: Int = 16 << 20) throws -> [String] {
    let reader = try LineReader(path: path, maximalLineBytes: maximalLineBytes)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
}

extension TextTable {
    /// The rows as arrays of bytes: what tests compare, because strings compare by canonical equivalence.
    var rows: [[UInt8]] { (0..<count).map { Array(bytes(at: $0)) } }
}

func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

/// A file's bytes as they lie on the disk.
func rawBytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Every synset of a reader, and what it skipped.
func readAll(_ reader: any SynsetReader) throws -> (synsets: [Synset], faults: [String]) {
    var synsets: [Synset] = []
    var faults: [String] = []
    while true {
        do {
            guard let synset = try reader.next() else { return (synsets, faults) }
            synsets.append(synset)
        } catch let fault as SkippableFault {
            faults.append(fault.description)
        }
    }
}
