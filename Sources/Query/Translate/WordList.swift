import Console
import Files

#if canImport(Glibc)
import Glibc
#endif

/// Words to translate from a file or standard input: plain text, a word or an expression a line.
struct WordList {
    private(set) var words: [String] = []
    /// Why lines were left out, in the order the reasons were first met, with how many and the first one's number.
    private(set) var leftOut: [(reason: String, count: Int, firstLine: Int)] = []
    private let name: String

    /// A word longer than this is none.
    private static let longestWord = 4096

    /// - Parameter path: "-" is standard input. Packed files are unpacked.
    /// - Throws: `FileError`, `SystemFault`; nothing for single lines, which are left out and counted.
    init(path: String) throws {
        let reader =
            path == "-"
            ? try LineReader(
                InputFile(descriptor: STDIN_FILENO, name: "standard input"), maximalLineBytes: Self.longestWord)
            : try LineReader(path: path, maximalLineBytes: Self.longestWord)
        name = reader.path
        while true {
            do {
                guard let line = try reader.next() else { break }
                take(line, at: reader.lineNumber)
            } catch let error as FileError where error.isOfOneLine {
                leaveOut(Self.reason(error), at: reader.lineNumber)
            }
        }
    }

    /// Spaces at a line's ends are no part of the word.
    private mutating func take(_ line: UnsafeBufferPointer<UInt8>, at number: Int) {
        var word = line[...]
        while word.first == 0x20 { word.removeFirst() }
        while word.last == 0x20 { word.removeLast() }
        if word.isEmpty {
            leaveOut("empty", at: number)
        } else if word.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            leaveOut("with a tab or another control character (a plain list has one word a line)", at: number)
        } else {
            words.append(String(decoding: word, as: UTF8.self))
        }
    }

    private static func reason(_ error: FileError) -> String {
        switch error {
        case .notUTF8: "not UTF-8"
        case .lineTooLong: "longer than \(longestWord) bytes"
        case .mixedLineEnds: "ending in CR LF in a file whose first line ends in LF"
        default: "unreadable"
        }
    }

    private mutating func leaveOut(_ reason: String, at line: Int) {
        if let known = leftOut.firstIndex(where: { $0.reason == reason }) {
            leftOut[known].count += 1
        } else {
            leftOut.append((reason, 1, line))
        }
    }

    /// One sentence for each reason.
    var remarks: [String] {
        leftOut.map { entry in
            "\(name): \(Quantity.counted(entry.count, "line")) left out: \(entry.reason), "
                + "the first is line \(Quantity.grouped(entry.firstLine))"
        }
    }
}
