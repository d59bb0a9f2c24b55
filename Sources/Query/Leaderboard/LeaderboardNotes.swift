import Lookup

/// What is said below the leaderboard: each note once, however many rows it holds for, numbered in the order of the
/// rows.
struct LeaderboardNotes {
    private enum Subject: Hashable {
        /// Rows of a data set that were asked other questions than the reference's.
        case otherQuestions(task: String, dataset: String, reference: String, differences: [String])
        /// Rows whose layers cannot be chosen without what they are scored on.
        case noSelection(reason: String)
    }

    private let basis: StoredSelection
    private var subjects: [Subject] = []
    /// Those a subject holds for, in the order of the rows.
    private var checkpoints: [Subject: [String]] = [:]
    /// Number of an entry's note on what it was asked, from 1; nil for those that are comparable. [entries]
    private(set) var comparisons: [Int?] = []
    /// Number of an entry's note on why it has no score at layers chosen otherwise, from 1; nil for those that have
    /// one. [entries]
    private(set) var selections: [Int?] = []

    init(_ entries: [Leaderboard.Entry], selection basis: StoredSelection) {
        self.basis = basis
        for entry in entries {
            let questions =
                entry.isComparable
                ? nil
                : Subject.otherQuestions(
                    task: entry.schema.task, dataset: entry.dataset, reference: entry.reference,
                    differences: entry.differences)
            let reason = entry.selected(on: basis).reason.map { Subject.noSelection(reason: $0) }
            selections.append(reason.map { number($0, entry.checkpoint) })
            comparisons.append(questions.map { number($0, entry.checkpoint) })
        }
    }

    private mutating func number(_ subject: Subject, _ checkpoint: String) -> Int {
        checkpoints[subject, default: []].append(checkpoint)
        if let place = subjects.firstIndex(of: subject) { return place + 1 }
        subjects.append(subject)
        return subjects.count
    }

    /// One sentence each, in the order of their numbers.
    var texts: [String] {
        subjects.enumerated().map { place, subject in
            switch subject {
            case .otherQuestions(let task, let dataset, let reference, let differences):
                let names = checkpoints[subject] ?? []
                return "[\(place + 1)] not comparable: \(task) \(dataset): \(names.joined(separator: ", ")) "
                    + "\(names.count == 1 ? "was" : "were") asked other questions than \(reference): "
                    + differences.joined(separator: "; ")
            case .noSelection(let reason):
                let scored = basis == .half ? "the other half of the queries" : "other pairs"
                return "[\(place + 1)] no score on \(scored): \(reason)"
            }
        }
    }
}
