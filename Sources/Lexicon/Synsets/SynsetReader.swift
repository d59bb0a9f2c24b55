import Diagnostics
import Files

/// Synsets one after another, whatever they are read from.
package protocol SynsetReader: AnyObject {
    /// The file or folder, for messages.
    var path: String { get }
    /// Where the synset last returned stands: "synsets.jsonl: line 12".
    var place: String { get }
    /// The line last read, from 1; 0 where synsets have no line of their own.
    var lineNumber: Int { get }
    /// The next synset, or nil at the end.
    ///
    /// - Throws: `SkippableFault` for one bad synset, after which reading may go on; other errors end it.
    func next() throws -> Synset?
}

/// One bad row in a file that is otherwise good: the reader that threw it stands after it.
package struct SkippableFault: Diagnosable {
    package let underlying: any Diagnosable

    package init(_ underlying: LexiconError) { self.underlying = underlying }

    package init(_ underlying: FileError) { self.underlying = underlying }

    package var exitStatus: ExitStatus { underlying.exitStatus }
    package var description: String { underlying.description }
}

extension LineReader {
    /// The next line, or nil at the end.
    /// - Throws: `SkippableFault` for one bad line; `LexiconError` for what concerns the whole file; `SystemFault`.
    func nextOrSkippable() throws -> UnsafeBufferPointer<UInt8>? {
        do {
            return try next()
        } catch let error as FileError {
            switch error {
            case .notUTF8, .lineTooLong, .mixedLineEnds: throw SkippableFault(error)
            default: throw error
            }
        }
    }
}
