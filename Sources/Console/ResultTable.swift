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
        var widths = columns.map { DisplayWidth.of($0.title) }
        for row in cells {
            for (position, cell) in row.enumerated() { widths[position] = max(widths[position], DisplayWidth.of(cell)) }
        }
        var output = line(columns.map(\.title), widths: widths)
        output += line(widths.map { String(repeating: "─", count: $0) }, widths: widths)
        for (place, row) in cells.enumerated() {
            let text = line(row, widths: widths)
            output +=
                colored && emphasized.contains(place)
                ? TextStyle.bold.applied(to: String(text.dropLast())) + "\n" : text
        }
        return output
    }

    /// The same in as many tables one below another as it takes to stay within a width, each begun by the first
    /// columns.
    /// - Parameters:
    ///   - width: columns of the terminal. A single column that is wider stays as it is.
    ///   - leading: how many columns say what a row is of.
    package func folded(width: Int, leading: Int, colored: Bool = false) -> String {
        let cells = displayed
        let widths = columns.enumerated().map { place, column in
            cells.reduce(DisplayWidth.of(column.title)) { max($0, DisplayWidth.of($1[place])) }
        }
        var tables: [[Int]] = []
        let head = Array(0..<min(leading, columns.count))
        func total(_ places: [Int]) -> Int { places.reduce(2 * (places.count - 1)) { $0 + widths[$1] } }
        for place in columns.indices.dropFirst(leading) {
            if let last = tables.last, total(last + [place]) <= width {
                tables[tables.count - 1].append(place)
            } else {
                tables.append(head + [place])
            }
        }
        if tables.count < 2 { return aligned(colored: colored) }
        return tables.map { places in
            var part = ResultTable(columns: places.map { columns[$0] })
            for (number, row) in rows.enumerated() {
                part.append(places.map { row[$0] }, emphasized: emphasized.contains(number))
            }
            return part.aligned(colored: colored)
        }.joined(separator: "\n")
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

    private func line(_ cells: [String], widths: [Int]) -> String {
        var output = ""
        for (position, cell) in cells.enumerated() {
            if position > 0 { output += "  " }
            let padding = String(repeating: " ", count: widths[position] - DisplayWidth.of(cell))
            if case .text = columns[position].kind {
                output += cell
                if position + 1 < cells.count { output += padding }
            } else {
                output += padding + cell
            }
        }
        while output.hasSuffix(" ") { output.removeLast() }
        return output + "\n"
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
