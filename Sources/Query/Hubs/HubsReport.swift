import Console
import Files
import Lookup
import Store

/// Hubs for people, pair by pair, and for programs.
struct HubsReport {
    private let listings: [HubnessTask.Listing]

    /// - Parameter listings: those of a checkpoint and pair one after the other.
    init(_ listings: [HubnessTask.Listing]) { self.listings = listings }

    /// Hubs named in the table of several layers.
    private static let named = 5

    // MARK: For people

    var text: String {
        var groups: [[HubnessTask.Listing]] = []
        for listing in listings {
            if let last = groups.last?.last?.record, last.checkpoint == listing.record.checkpoint,
                last.pair == listing.record.pair
            {
                groups[groups.count - 1].append(listing)
            } else {
                groups.append([listing])
            }
        }
        return groups.map { $0.count == 1 ? hubs($0[0]) : layers($0) }.joined(separator: "\n")
    }

    private func heading(_ listing: HubnessTask.Listing, layer: String?) -> String {
        let record = listing.record
        func count(_ key: String) -> String { Quantity.grouped(Int(exactly: record.values[key] ?? 0) ?? 0) }
        return "hubs · \(DisplayWidth.printable(record.checkpoint)) · \(listing.from) → \(listing.to)"
            + (layer.map { " · layer \($0)" } ?? "")
            + "\n\(count("queries")) words ask for the \(count("k")) nearest of "
            + "\(count("candidates")) by \(listing.scope.isScaled ? "CSLS" : "cosine")"
    }

    private func measures(_ record: ResultRecord) -> String {
        "skewness \(Quantity.fixed(record.values["skewness"] ?? 0, places: 4)), "
            + "\(Quantity.fixed(100 * (record.values["anti_hubs"] ?? 0), places: 1)) % are nobody's neighbour"
    }

    private func hubs(_ listing: HubnessTask.Listing) -> String {
        var text = "\(heading(listing, layer: listing.record.layerName)): \(measures(listing.record))\n"
        if let byCosine = listing.byCosine { text += "by cosine: \(measures(byCosine))\n" }
        var columns: [ResultTable.Column] = [
            .init("rank", .integer), .init("word"), .init("occurrences", title: "neighbour of", .integer),
            .init("share", .decimal(places: 4)),
        ]
        if listing.byCosine != nil { columns.append(.init("by_cosine", title: "by cosine", .integer)) }
        var table = ResultTable(columns: columns + [.init("frequency_rank", title: "frequency rank", .integer)])
        for (place, hub) in listing.hubs.enumerated() {
            var row: [JSONValue] = [
                .integer(place + 1), .text(hub.word), .integer(hub.occurrences), .number(share(hub, of: listing)),
            ]
            if listing.byCosine != nil { row.append(hub.occurrencesByCosine.map { .integer($0) } ?? .null) }
            table.append(row + [.integer(hub.frequencyRank)])
        }
        return text + "\n" + table.shown
    }

    private func layers(_ listings: [HubnessTask.Listing]) -> String {
        let isScaled = listings[0].byCosine != nil
        var columns: [ResultTable.Column] = [
            .init("layer", .integer), .init("skewness", .decimal(places: 4)), .init("anti_hubs", .decimal(places: 4)),
            .init("largest", .integer),
        ]
        if isScaled {
            columns += [
                .init("skewness_cosine", title: "by cosine", .decimal(places: 4)),
                .init("anti_hubs_cosine", title: "anti_hubs", .decimal(places: 4)),
            ]
        }
        var table = ResultTable(columns: columns + [.init("hubs", title: "the first hubs")])
        for listing in listings {
            let record = listing.record
            var row: [JSONValue] = [
                record.mean.map { .text($0) } ?? .integer(record.layer), number("skewness", of: record),
                number("anti_hubs", of: record), .integer(Int(exactly: record.values["largest"] ?? 0) ?? 0),
            ]
            if isScaled {
                row += ["skewness", "anti_hubs"].map { key in
                    listing.byCosine.map { number(key, of: $0) } ?? .null
                }
            }
            let names = listing.hubs.prefix(Self.named).map(\.word).joined(separator: ", ")
            table.append(row + [.text(names)])
        }
        return heading(listings[0], layer: nil) + "\n\n" + table.shown
    }

    private func number(_ key: String, of record: ResultRecord) -> JSONValue {
        record.values[key].map { .number($0) } ?? .null
    }

    /// Of the words that ask.
    private func share(_ hub: HubnessTask.Listing.Hub, of listing: HubnessTask.Listing) -> Double {
        Double(hub.occurrences) / max(listing.record.values["queries"] ?? 0, 1)
    }

    // MARK: For programs

    /// An object for each checkpoint, pair and layer.
    var jsonLines: String { listings.map { json($0).line + "\n" }.joined() }

    private func json(_ listing: HubnessTask.Listing) -> JSONValue {
        let record = listing.record
        var members: [JSONValue.Member] = ResultSchema.hubs.identified(record)
        members += [
            .init(key: "from", value: .text(listing.from)), .init(key: "to", value: .text(listing.to)),
            .init(key: "scoring", value: .text(listing.scope.isScaled ? "csls" : "cosine")),
        ]
        for value in ResultSchema.hubs.values {
            members.append(.init(key: value.key, value: ResultSchema.hubs.cell(value, of: record)))
        }
        for value in ResultSchema.hubs.values where ["skewness", "anti_hubs", "largest"].contains(value.key) {
            let byCosine = listing.byCosine.map { ResultSchema.hubs.cell(value, of: $0) }
            members.append(.init(key: "\(value.key)_by_cosine", value: byCosine ?? .null))
        }
        let hubs = listing.hubs.map { hub -> JSONValue in
            [
                "word": .text(hub.word), "row": .integer(hub.row), "frequency_rank": .integer(hub.frequencyRank),
                "occurrences": .integer(hub.occurrences), "share": .number(share(hub, of: listing)),
                "occurrences_by_cosine": hub.occurrencesByCosine.map { .integer($0) } ?? .null,
            ]
        }
        return .object(members + [.init(key: "hubs", value: .array(hubs))])
    }
}
