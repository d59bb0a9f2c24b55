import Console
import Files

/// What a night's builds would encode and take, from each one's `indexer build --dry-run --json`.
struct NightlyForecast {
    private let entries: [(step: NightlyStep, forecast: Result<JSONValue, NightlyRun.ForecastFailure>)]
    private let isEphemeral: Bool

    /// - Parameter isEphemeral: whether the vectors of one checkpoint go before the next one's come.
    init(
        _ entries: [(step: NightlyStep, forecast: Result<JSONValue, NightlyRun.ForecastFailure>)], isEphemeral: Bool
    ) {
        self.entries = entries
        self.isEphemeral = isEphemeral
    }

    /// The status of the first build that would fail; nil when none would.
    var firstFailure: Int32? {
        entries.lazy.compactMap { if case .failure(let failure) = $0.forecast { failure.status } else { nil } }.first
    }

    var json: [JSONValue] {
        entries.map { step, forecast in
            switch forecast {
            case .success(let value): ["step": .text(step.name), "forecast": value, "error": .null]
            case .failure(let failure):
                ["step": .text(step.name), "forecast": .null, "error": .text(failure.message)]
            }
        }
    }

    /// One for each build, then the disk's.
    var lines: [String] {
        var lines: [String] = []
        var needed = 0, free: Int?
        var seconds: Double? = 0
        for (step, forecast) in entries {
            switch forecast {
            case .failure(let failure):
                lines.append("\(step.name) would fail (exit status \(failure.status)): \(failure.message)")
            case .success(let value):
                let checkpoints = value["checkpoints"]?.array ?? []
                let sum = { (key: String) in checkpoints.reduce(0) { $0 + ($1[key]?.integer ?? 0) } }
                let collections = checkpoints.reduce(0) { $0 + ($1["collections"]?.array?.count ?? 0) }
                if collections == 0 {
                    lines.append("\(step.name): everything is up to date")
                } else {
                    let time = checkpoints.first?["seconds"]?.double
                    seconds = time.flatMap { time in seconds.map { $0 + time } }
                    lines.append(
                        "\(step.name): \(Quantity.counted(collections, "collection")), "
                            + "\(Quantity.counted(sum("sequences"), "sequence")), "
                            + "\(Quantity.counted(sum("tokens"), "token")), "
                            + (time.map { "about \(Quantity.duration(seconds: $0)) of encoding" }
                                ?? "no build of this shape was measured here yet, so how long is not known"))
                }
                // Files of one checkpoint stay when the next one's come, or go.
                let own = value["needed_bytes"]?.integer ?? 0
                needed = isEphemeral ? max(needed, own) : needed + own
                free = value["free_bytes"]?.integer ?? free
            }
        }
        if let free, needed > 0 {
            lines.append(
                "disk: at most \(Quantity.bytes(needed)) needed, \(Quantity.bytes(free)) free"
                    + (needed > free ? ": too little" : ""))
        }
        if let seconds, seconds > 0, entries.count > 1 {
            lines.append("encoding in all: about \(Quantity.duration(seconds: seconds))")
        }
        return lines
    }
}
