import ArgumentParser
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// `--store`: where the FAISS files and the catalogue are.
package struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder of the store; POLYLEX_STORE names another default.", valueName: "folder"),
        completion: .directory)
    package var store: String = StoreOptions.defaultStore

    package init() {}

    /// `POLYLEX_STORE`, else "indexes".
    package static var defaultStore: String {
        guard let value = getenv("POLYLEX_STORE"), value.pointee != 0 else { return "indexes" }
        return String(cString: value)
    }
}

/// `--json`, `--quiet` and `--color`.
package struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON to standard output and nothing else there.")
    package var json = false

    @Flag(help: "No progress and no remarks on standard error; errors are still shown.")
    package var quiet = false

    /// Parsed here for its help and its errors; the streams know it before (`ColorChoice.typed`).
    @Option(
        help: ArgumentHelp(
            "Bold, dim and red on a terminal; auto: unless NO_COLOR is set.", valueName: "when"))
    package var color = ColorChoice.auto

    package init() {}

    /// A remark on standard error, unless `--quiet`.
    package func remark(_ message: String) {
        if !quiet { MessageStream.standardError.say(message, style: .dim) }
    }
}

/// `--csv-raw`
package struct SpreadsheetOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            """
            Write CSV cells that begin with =, +, - or @ as they are. Otherwise those that are no numbers get an \
            apostrophe in front, so that a spreadsheet shows them instead of computing them.
            """))
    package var csvRaw = false

    package init() {}

    /// For tables that are read again, where the apostrophe is no matter of looks.
    package func remark(cells: Int) -> String {
        "\(Quantity.counted(cells, "cell begins", "cells begin")) with =, +, - or @: an apostrophe in front keeps "
            + "spreadsheets from computing that, and Polylex takes it off when it reads the table; --csv-raw "
            + "writes such cells as they are"
    }
}

/// `--threads`
package struct ThreadOptions: ParsableArguments {
    @Option(
        name: .customLong("threads"), help: ArgumentHelp("Threads; all processors when left out.", valueName: "n"))
    private var asked: Int?

    package init() {}

    /// What was asked for, or one per processor.
    package var threads: Int { ThreadCount.of(asked) }

    package func validate() throws { try ThreadCount.check(asked) }
}

/// `--threads`, which every program has: what was asked for, or one per processor.
package enum ThreadCount {
    package static var processors: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    package static func of(_ asked: Int?) -> Int { asked ?? processors }

    /// - Throws: `ValidationError` for a number no machine has.
    package static func check(_ asked: Int?) throws {
        guard let asked, !(1...1024).contains(asked) else { return }
        throw ValidationError("--threads must be 1 to 1024, not \(asked)")
    }
}
