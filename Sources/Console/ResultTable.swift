import Files

/// Rows of results with named columns, printed as an aligned table, as CSV or as JSON Lines.
///
/// The column's key is its name in CSV and JSON (part of the command contract); the title is what a person sees.
package struct ResultTable: Sendable {
    package struct Column: Sendable {
        package enum Kind: Sendable {
            case text
            /// Right-aligned, thousands separated.
            case integer
            /// Right-aligned, fixed decimals on the terminal, full precision in CSV and JSON.
            case decimal(places: Int)
        }

        package let key: String
        package let title: String
        package let kind: Kind

        package init(_ key: String, title: String? = nil, _ kind: Kind = .text) {
            self.key = key
            self.title = title ?? key
            self.kind = kind
        }
    }

    package let columns: [Column]
    package private(set) var rows: [[JSONValue]] = []
    /// How many of the first columns say what a row is of: they are repeated where a table goes on below.
    package let leading: Int
    /// Places of rows that are set off where there are colours: the best one.
    private var emphasized: Set<Int> = []

    package init(columns: [Column], leading: Int = 1) {
        self.columns = columns
        self.leading = leading
    }

    package mutating func append(_ row: [JSONValue], emphasized: Bool = false) {
        precondition(row.count == columns.count, "row has \(row.count) cells, table has \(columns.count) columns")
        if emphasized { self.emphasized.insert(rows.count) }
        rows.append(row)
    }

    /// The table as standard output shows it: on a terminal within its width, with colours where there are some; else
    /// `aligned`.
    package var shown: String {
        let stream = ResultStream.standardOutput
        return stream.isTerminal
            ? folded(width: stream.width, leading: leading, colored: stream.isColored)
            : aligned(colored: stream.isColored)
    }

    /// Every row's cells as a person reads them.
    package var displayed: [[String]] {
        rows.map { row in zip(columns, row).map { Self.cell($1, kind: $0.kind) } }
    }

    /// The table for a person: titles, a rule, aligned rows; two spaces between columns, none at line ends.
    package var aligned: String { aligned(colored: false) }

    /// - Parameter colored: whether rows that were emphasized are bold.
    func aligned(colored: Bool) -> String {
        let cells = displayed
        return drawn(Array(columns.indices), of: cells, widths: widths(of: cells), colored: colored)
    }

    /// Columns that each column's title and cells take.
    private func widths(of cells: [[String]]) -> [Int] {
        columns.enumerated().map { place, column in
            cells.reduce(DisplayWidth.of(column.title)) { max($0, DisplayWidth.of($1[place])) }
        }
    }

    /// Some columns of the table; what is wider than its column goes on below in it.
    private func drawn(_ places: [Int], of cells: [[String]], widths: [Int], colored: Bool) -> String {
        func lines(_ row: [String]) -> [String] {
            let parts = places.map { FoldedText.pieces(row[$0], width: widths[$0]) }
            return (0..<(parts.map(\.count).max() ?? 0)).map { number in
                line(places, parts.map { number < $0.count ? $0[number] : "" }, widths: widths)
            }
        }
        var output = lines(columns.map(\.title)) + lines(widths.map { String(repeating: "─", count: $0) })
        for (number, row) in cells.enumerated() {
            let isBold = colored && emphasized.contains(number)
            output += lines(row).map { isBold ? TextStyle.bold.applied(to: $0) : $0 }
        }
        return output.map { $0 + "\n" }.joined()
    }

    /// The same in as many tables one below another as it takes to stay within a width, each begun by the first
    /// columns.
    /// - Parameters:
    ///   - width: columns of the terminal. A column that is too wide for it beside the first ones is narrowed, and what
    ///     is wider than the column goes on below in it; numbers stay whole.
    ///   - leading: how many columns say what a row is of.
    package func folded(width: Int, leading: Int, colored: Bool = false) -> String {
        let cells = displayed
        let head = Array(0..<min(leading, columns.count))
        let widths = narrowed(widths(of: cells), cells, head: head, width: width)
        func total(_ places: [Int]) -> Int { places.reduce(2 * (places.count - 1)) { $0 + widths[$1] } }
        var tables: [[Int]] = []
        for place in columns.indices.dropFirst(leading) {
            if let last = tables.last, total(last + [place]) <= width {
                tables[tables.count - 1].append(place)
            } else {
                tables.append(head + [place])
            }
        }
        return (tables.isEmpty ? [head] : tables)
            .map { drawn($0, of: cells, widths: widths, colored: colored) }.joined(separator: "\n")
    }

    /// The least that a column of text, or a title, is narrowed to.
    private static let narrowest = 16

    /// Widths at which the first columns and any other one fit side by side, where that can be: first the others are
    /// narrowed, then the widest of the first ones.
    private func narrowed(_ widths: [Int], _ cells: [[String]], head: [Int], width: Int) -> [Int] {
        let least = columns.indices.map { place -> Int in
            if case .text = columns[place].kind { return min(widths[place], Self.narrowest) }
            let numbers = cells.reduce(1) { max($0, DisplayWidth.of($1[place])) }
            return max(numbers, min(widths[place], Self.narrowest))
        }
        var widths = widths
        let rest = columns.indices.dropFirst(head.count)
        func room() -> Int { width - head.reduce(0) { $0 + widths[$1] + 2 } }
        var needed = rest.map { least[$0] }.max() ?? 0
        if room() < needed {
            // All others stand beside the first ones where these keep half their width.
            let all = rest.reduce(2 * (rest.count - 1)) { $0 + widths[$1] }
            if all > needed, width - all - 2 * head.count >= head.reduce(0, { $0 + widths[$1] }) / 2 { needed = all }
        }
        while room() < needed,
            let widest = head.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] })
        {
            widths[widest] -= 1
        }
        for place in rest { widths[place] = max(least[place], min(widths[place], room())) }
        return widths
    }

    /// RFC 4180 with LF line ends: a header of keys, then one record a row.
    /// - Parameter raw: see `CommaSeparated.record`.
    package func commaSeparated(raw: Bool) -> String {
        var output = CommaSeparated.record(columns.map(\.key))
        for row in rows { output += CommaSeparated.record(row.map(Self.plain), raw: raw) }
        return output
    }

    /// One JSON object a line, keys in column order.
    package var jsonLines: String {
        rows.map { jsonObject($0).line + "\n" }.joined()
    }

    /// All rows as one JSON array.
    package var jsonArray: JSONValue { .array(rows.map(jsonObject)) }

    private func jsonObject(_ row: [JSONValue]) -> JSONValue {
        .object(zip(columns, row).map { JSONValue.Member(key: $0.key, value: $1) })
    }

    /// - Parameter cells: of these columns, none wider than its column.
    private func line(_ places: [Int], _ cells: [String], widths: [Int]) -> String {
        var output = ""
        for (position, (place, cell)) in zip(places, cells).enumerated() {
            if position > 0 { output += "  " }
            let padding = String(repeating: " ", count: max(0, widths[place] - DisplayWidth.of(cell)))
            if case .text = columns[place].kind {
                output += cell
                if position + 1 < cells.count { output += padding }
            } else {
                output += padding + cell
            }
        }
        while output.hasSuffix(" ") { output.removeLast() }
        return output
    }

    private static func cell(_ value: JSONValue, kind: Column.Kind) -> String {
        switch (value, kind) {
        case (.null, _): "–"
        case (.integer(let number), .integer): Quantity.grouped(number)
        case (.integer(let number), .decimal(let places)): Quantity.fixed(Double(number), places: places)
        case (.number(let number), .decimal(let places)): Quantity.fixed(number, places: places)
        default: DisplayWidth.printable(plain(value))
        }
    }

    /// A cell as CSV has it: text bare, missing values empty, numbers as JSON writes them.
    private static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .text(let text): text
        case .number(let number) where !number.isFinite: ""
        default: value.line
        }
    }
}
