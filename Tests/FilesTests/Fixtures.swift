import Foundation

@testable import Files

/// All lines of a file, as strings.
func lines(of path: String, maximalLineBytes: Int = 16 << 20) throws -> [String] {
    let reader = try LineReader(path: path, maximalLineBytes: maximalLineBytes)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
}

func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
