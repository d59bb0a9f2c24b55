/// Cuts the units of several checkpoints into shards of about the same work.
///
/// A shard has one checkpoint. Whole checkpoints come first: texts of one checkpoint that lie in two shards encode what
/// they share twice.
enum ShardDivision {
    struct Part: Equatable {
        /// Position of the checkpoint.
        let checkpoint: Int
        /// Positions of its inputs, ascending.
        let inputs: [Int]
        let tokens: Int
    }

    /// - Parameters:
    ///   - tokens: of each checkpoint's inputs.
    ///   - costs: of a token of each checkpoint, in any unit.
    ///   - count: shards asked for; there are at least as many as checkpoints, and no more than inputs.
    static func divide(tokens: [[Int]], costs: [Double], into count: Int) -> [Part] {
        var shares = tokens.map { $0.isEmpty ? 0 : 1 }
        let totals = zip(tokens, costs).map { Double($0.reduce(0, +)) * $1 }
        // One shard more to whom each of its shards has the most to do.
        while shares.reduce(0, +) < count {
            var best: Int?
            for (number, inputs) in tokens.enumerated() where shares[number] < inputs.count {
                if let other = best, load(other) >= load(number) { continue }
                best = number
            }
            guard let best else { break }
            shares[best] += 1
        }
        func load(_ checkpoint: Int) -> Double { totals[checkpoint] / Double(shares[checkpoint]) }
        return tokens.indices.flatMap { divide(tokens[$0], checkpoint: $0, into: shares[$0]) }
    }

    /// The longest input first into the emptiest part.
    private static func divide(_ tokens: [Int], checkpoint: Int, into count: Int) -> [Part] {
        var parts = Array(repeating: (tokens: 0, inputs: [Int]()), count: count)
        for input in tokens.indices.sorted(by: { (tokens[$1], $0) < (tokens[$0], $1) }) {
            guard let emptiest = parts.indices.min(by: { (parts[$0].tokens, $0) < (parts[$1].tokens, $1) }) else {
                continue
            }
            parts[emptiest].tokens += tokens[input]
            parts[emptiest].inputs.append(input)
        }
        return parts.filter { !$0.inputs.isEmpty }.map {
            Part(checkpoint: checkpoint, inputs: $0.inputs.sorted(), tokens: $0.tokens)
        }
    }
}
