import ArgumentParser
import Console
import Diagnostics
import Lookup
import Store

#if canImport(Glibc)
import Glibc
#endif

/// `query report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes stored results as one HTML page that needs no network: tables, curves, gains, comparisons.",
        discussion: """
            The page holds the leaderboard with 95 % intervals and coverage, sortable by any column; for every task \
            and data set the mean score at each layer with its band, what any checkpoint gains over any other for each \
            pair of languages, scores from language to language, and every pair; how uneven neighbourhoods are, of the \
            pairs that `query hubs` has counted; and what all of it was computed from, with training settings and \
            curves. Light and dark, on phones too; drawings need no script. The same \
            results give the same bytes.

            Example: query report --out report.html
              query report --out - | gzip > report.html.gz
            """)

    @Option(help: ArgumentHelp("File to write; - is standard output.", valueName: "file"), completion: .file())
    var out: String

    @OptionGroup var selection: StoredSelectionOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if out == "-", output.json {
            throw ValidationError("--out - writes the page to standard output, where --json has no room beside it.")
        }
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let basis = selection.selectOn
        let contents = try Store.onFreshSnapshot {
            try ReportContents(store, selectOn: basis, threads: ThreadCount.processors)
        }
        let page = ReportPage(contents: contents).html
        let summary =
            "\(Quantity.counted(contents.selection.current.count, "result")), \(Quantity.bytes(page.utf8.count))"
        if out == "-" {
            try ResultStream.standardOutput.write(page)
            return output.remark("query: \(summary)")
        }
        try Self.replace(out, with: page)
        if output.json {
            try ResultStream.standardOutput.write([
                "out": .text(out), "results": .integer(contents.selection.current.count),
                "bytes": .integer(page.utf8.count),
            ])
        } else {
            try ResultStream.standardOutput.write(report: "\(out): \(summary)\n")
        }
    }

    /// The old page or the new one, never half of it.
    private static func replace(_ path: String, with text: String) throws {
        let temporary = path + ".partial-\(getpid())"
        guard let file = fopen(temporary, "wx") else {
            throw SystemFault(operation: "write", path: temporary, code: errno)
        }
        var text = text
        let count = text.utf8.count
        let complete = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == count } && fflush(file) == 0
        let code = errno
        fclose(file)
        guard complete, rename(temporary, path) == 0 else {
            let failure = complete ? errno : code
            unlink(temporary)
            throw SystemFault(operation: "write", path: path, code: failure)
        }
    }
}
