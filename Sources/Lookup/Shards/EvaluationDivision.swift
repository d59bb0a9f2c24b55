import Fingerprinting

/// One of N jobs an evaluation is divided over.
package struct EvaluationShard: Equatable, Sendable {
    /// Jobs an evaluation may be divided over.
    package static let counts = 1...1_000_000

    /// From 0.
    package let index: Int
    package let count: Int

    /// - Precondition: `count` is one of `counts`, `index` is below it.
    package init(index: Int, count: Int) {
        precondition(Self.counts.contains(count) && (0..<count).contains(index), "shard \(index) of \(count)")
        self.index = index
        self.count = count
    }
}

/// A result an evaluation comes to, before anybody looks whether it is known.
struct PlannedResult {
    /// Results of one unit are computed by one job: "mbert glavas en-fi", at all its layers.
    let unit: String
    /// Units of one neighbourhood read the same files: they stay together where they can.
    let neighbourhood: String
    let key: Fingerprint
    /// Work, in any unit that is the same for all of the evaluation.
    let weight: Double
}

/// Which of an evaluation's units each of N jobs does: the same for every job that sees the same store, inputs and
/// options.
///
/// Units are lined up by neighbourhood, and the line is cut into N pieces of about equal weight: a job has at most one
/// unit more than its share, and reads the files of few neighbourhoods.
struct EvaluationDivision {
    /// Of everything that is evaluated and the number of jobs; results of another division do not belong to this one.
    let identity: Fingerprint
    /// Units of all jobs.
    let unitCount: Int
    /// The job of each planned result, in their order.
    let shards: [Int]

    init(_ planned: [PlannedResult], task: String, count: Int) {
        let builder = FingerprintBuilder()
        builder.combine("evaluation division 1")
        builder.combine(task)
        builder.combine(count)
        for result in planned { builder.combine(result.key) }
        identity = builder.finish()

        var places: [String: Int] = [:]
        var units: [(neighbourhood: Int, weight: Double)] = []
        var neighbourhoods: [String: Int] = [:]
        let unitOf = planned.map { result in
            let neighbourhood = neighbourhoods[result.neighbourhood] ?? neighbourhoods.count
            neighbourhoods[result.neighbourhood] = neighbourhood
            let unit = places[result.unit] ?? units.count
            if unit == units.count {
                places[result.unit] = unit
                units.append((neighbourhood, 0))
            }
            units[unit].weight += result.weight
            return unit
        }
        unitCount = units.count

        let total = units.reduce(0) { $0 + $1.weight }
        var shardOf = [Int](repeating: 0, count: units.count)
        var before = 0.0
        for unit in units.indices.sorted(by: { (units[$0].neighbourhood, $0) < (units[$1].neighbourhood, $1) }) {
            // Where its middle lies.
            let place = total > 0 ? (before + units[unit].weight / 2) / total : 0
            shardOf[unit] = min(count - 1, Int(place * Double(count)))
            before += units[unit].weight
        }
        shards = unitOf.map { shardOf[$0] }
    }
}
