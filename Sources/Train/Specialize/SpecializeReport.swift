import Console

/// What a specialisation says before it starts.
enum SpecializeReport {
    /// The line before training starts.
    static func opening(_ settings: SpecializeSettings, _ inputs: SpecializeInputs) -> String {
        let constraints = inputs.constraints
        var text =
            "\(Quantity.counted(constraints.count, "constraint")) of \(Quantity.grouped(constraints.synsetCount)) "
            + "synsets and \(Quantity.grouped(constraints.pairNames.count)) language pairs"
        let left = constraints.counts.members.dropFirst().dropLast().filter { $0.count > 0 }
        if !left.isEmpty {
            text += "; left out: " + left.map { "\(Quantity.grouped($0.count)) \($0.name)" }.joined(separator: ", ")
        }
        if constraints.counts.truncatedSequences > 0 {
            text +=
                "; \(Quantity.counted(constraints.counts.truncatedSequences, "sequence")) cut to "
                + "\(settings.training.maximumLength) tokens"
        }
        if constraints.counts.unknown > 0 {
            text +=
                "; \(Quantity.grouped(constraints.counts.unknown)) hold a word that is only the unknown token: "
                + "leave out the languages this checkpoint cannot write (docs/specialize.md)"
        }
        return text
    }
}
