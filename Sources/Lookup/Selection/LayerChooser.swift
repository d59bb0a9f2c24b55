import Evaluation
import Fingerprinting
import Store

/// Chooses the layers of one run on something else than what is scored, as its settings say.
///
/// Not for several threads at once.
final class LayerChooser {
    private let basis: SelectionBasis
    private let schema: ResultSchema
    /// By the data they are of; filled only where layers are chosen on halves of the queries.
    private var halves: [Fingerprint: QueryHalves] = [:]

    init(basis: SelectionBasis, schema: ResultSchema) {
        self.basis = basis
        self.schema = schema
    }

    /// Takes in what the halves of a data file's queries are, where they are asked for.
    /// - Parameter queries: tells each query's position in the data and its bytes.
    func split(
        _ data: Fingerprint, _ queries: ((Int, UnsafeBufferPointer<UInt8>) -> Void) throws -> Void
    ) rethrows {
        guard basis == .half else { return }
        // Another checkpoint may have vectors of other sentences of the same set.
        var all = halves[data] ?? QueryHalves()
        try queries { position, bytes in all.add(bytes, at: position) }
        halves[data] = all
    }

    /// The scores at the layers chosen, by checkpoint and data set; none for the paper's choice.
    /// - Parameters:
    ///   - records: those that are scored.
    ///   - validation: those that choose.
    ///   - outcomes: what is known of each result's queries.
    ///   - tell: of what cannot be had, with its reason.
    func scores(
        _ records: [ResultRecord], validation: [ResultRecord], outcomes: (ResultRecord) -> ResultOutcomes?,
        tell: (String) -> Void
    ) throws -> [SelectedScores] {
        guard basis != .scoredPairs else { return [] }
        let chosen = LayerMeans.of(validation, schema: schema)
        return try LayerMeans.of(records, schema: schema).compactMap { means -> SelectedScores? in
            do {
                switch basis {
                case .scoredPairs: return nil
                case .otherPairs: return try .onOtherPairs(means, records, schema: schema)
                case .half:
                    return try .onHalves(
                        means, records, schema: schema, outcomes: outcomes, halves: { halves[$1.data] })
                case .validation:
                    return try .onValidation(
                        means, records, schema: schema,
                        validation: chosen.first { $0.checkpoint == means.checkpoint })
                }
            } catch let impossible as SelectedScores.Impossible {
                tell(
                    "\(means.checkpoint): \(means.dataset): no layer is chosen on \(basis.rawValue), because "
                        + impossible.reason)
                return nil
            }
        }
    }
}
