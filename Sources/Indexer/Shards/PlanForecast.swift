import Console
import Files

/// What the shards of a plan will take: what is encoded for each checkpoint, how long by this machine's last measured
/// rate, how much disk. From the plan alone, so that it can be said again at any time.
struct PlanForecast {
    struct Checkpoint {
        let name: String
        var shards = 0
        /// Entries asked for, sentences of both sides.
        var words = 0
        var sentences = 0
        /// Of the distinct sequences of each input, those that shards share counted in each.
        var tokens = 0
        /// Of the shard with the most.
        var mostTokens = 0
        /// Of layer files, about.
        var bytes = 0
        /// Tokens a second; nil when no build of this shape was measured on this machine.
        var rate: Double?

        /// Of encoding, one shard after the other.
        var seconds: Double? { rate.map { Double(tokens) / $0 } }
        /// Of the shard with the most tokens: all of them, when every shard has a machine.
        var longestSeconds: Double? { rate.map { Double(mostTokens) / $0 } }
    }

    /// In the plan's order; only those with shards.
    private(set) var checkpoints: [Checkpoint] = []
    /// Of the threads the rates are for.
    let threads: Int
    /// What the folder of a shard needs where it is built, at most: files, spools, catalogue.
    private(set) var scratchBytes = 0
    /// On the disk of the plan's folder.
    var freeBytes: Int?

    var fileBytes: Int { checkpoints.reduce(0) { $0 + $1.bytes } }

    /// - Parameter shards: numbers of those to do.
    /// - Throws: `ShardError.damagedPlan` for options that are none.
    init(_ plan: ShardPlan, shards: [Int], path: String, rates: EncodingRates, threads: Int) throws {
        self.threads = threads
        let codec = try PlannedInputs(plan: plan, path: path).options().codec
        for planned in plan.checkpoints {
            func shape(_ kind: CollectionInput.Kind) -> VectorShape {
                VectorShape(
                    layers: planned.layers, dimension: planned.dimension(of: kind), element: VectorElement(for: codec))
            }
            var found = Checkpoint(name: planned.name)
            found.rate = rates.tokensPerSecond(
                highestLayer: planned.layers.last ?? 0, hiddenSize: planned.hiddenSize, threads: threads)
            for shard in shards.map({ plan.shards[$0] }) where shard.checkpoint == planned.name {
                found.shards += 1
                found.tokens += shard.tokens
                found.mostTokens = max(found.mostTokens, shard.tokens)
                found.bytes += shard.bytes
                var scratch = shard.bytes + 16_000_000
                for input in plan.inputs(of: shard) {
                    let own = input.collections.reduce(0) { $0 + $1.texts }
                    // A text is at most one sequence; the catalogue holds it twice.
                    scratch += own * (shape(input.source.kind).sequenceBytes + 16 + 300)
                    if input.source.kind == .words { found.words += own } else { found.sentences += own }
                }
                scratchBytes = max(scratchBytes, scratch)
            }
            if found.shards > 0 { checkpoints.append(found) }
        }
    }

    var text: String {
        checkpoints.map { "\($0.name): \(Self.summary($0, threads: threads))\n" }.joined()
            + (checkpoints.isEmpty
                ? ""
                : "disk: about \(Quantity.bytes(fileBytes)) in the plan's folder"
                    + (freeBytes.map { " (\(Quantity.bytes($0)) free\($0 < fileBytes ? ": too little" : ""))" } ?? "")
                    + ", at most \(Quantity.bytes(scratchBytes)) of scratch for a shard\n")
    }

    private static func summary(_ checkpoint: Checkpoint, threads: Int) -> String {
        let counts =
            "\(Quantity.counted(checkpoint.shards, "shard")), "
            + "\(Quantity.counted(checkpoint.words, "word")), \(Quantity.counted(checkpoint.sentences, "sentence")), "
            + "\(Quantity.counted(checkpoint.tokens, "token")); "
        guard let all = checkpoint.seconds, let longest = checkpoint.longestSeconds else {
            return counts
                + "no build of this shape with \(threads) threads was measured here yet, so how long is not known"
        }
        return counts + "at most about \(Quantity.duration(seconds: all)) of encoding with \(threads) threads"
            + (checkpoint.shards > 1 ? ", \(Quantity.duration(seconds: longest)) of it the longest shard" : "")
    }

    /// Members of the command's JSON.
    var json: [JSONValue.Member] {
        [
            .init(
                key: "forecast",
                value: .array(
                    checkpoints.map { checkpoint in
                        [
                            "checkpoint": .text(checkpoint.name), "shards": .integer(checkpoint.shards),
                            "words": .integer(checkpoint.words), "sentences": .integer(checkpoint.sentences),
                            "tokens": .integer(checkpoint.tokens), "bytes": .integer(checkpoint.bytes),
                            "seconds": checkpoint.seconds.map { .number($0) } ?? .null,
                            "longest_shard_seconds": checkpoint.longestSeconds.map { .number($0) } ?? .null,
                        ]
                    })),
            .init(key: "threads", value: .integer(threads)),
            .init(key: "scratch_bytes", value: .integer(scratchBytes)),
            .init(key: "free_bytes", value: freeBytes.map { .integer($0) } ?? .null),
        ]
    }
}
