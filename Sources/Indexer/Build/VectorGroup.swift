import Encoder
import Store

/// The inputs of a checkpoint whose vectors have one dimension. A Dense module can give sentences another one than
/// words have; each group is planned, encoded and kept in unfinished work by itself.
struct VectorGroup {
    let shape: VectorShape
    /// Positions in the list of inputs, ascending.
    let inputs: [Int]
    /// What sequences of it that ask for it go through.
    let dense: DenseModules?
}

extension EncodingModel {
    /// All inputs, in the order in which the dimensions are met.
    func groups(of inputs: [CollectionInput], layers: [Int], codec: Codec) -> [VectorGroup] {
        var dimensions: [Int] = []
        for input in inputs where !dimensions.contains(dimension(of: input.kind)) {
            dimensions.append(dimension(of: input.kind))
        }
        return dimensions.map { dimension in
            let own = inputs.indices.filter { self.dimension(of: inputs[$0].kind) == dimension }
            return VectorGroup(
                shape: VectorShape(layers: layers, dimension: dimension, element: VectorElement(for: codec)),
                inputs: own, dense: pooling.dense(Set(own.map { inputs[$0].kind })))
        }
    }
}

extension CollectionTokenizer {
    /// Tokenises what is missing of all groups, input by input in the order of their list.
    /// - Parameters:
    ///   - missing: layers, for each input.
    ///   - willTokenize: called before an input; an error it throws ends the work.
    ///   - didTokenize: called after it.
    /// - Returns: one for each group.
    func tokenize(
        _ inputs: [CollectionInput], missing: [[Int]], groups: [VectorGroup],
        willTokenize: (CollectionInput) throws -> Void, didTokenize: (CollectionInput) -> Void = { _ in }
    ) throws -> [EncodingPlan.Tokenized] {
        var results = groups.map { _ in EncodingPlan.Tokenized() }
        for (number, input) in inputs.enumerated() where !missing[number].isEmpty {
            guard let group = groups.firstIndex(where: { $0.inputs.contains(number) }) else { continue }
            try willTokenize(input)
            let plan = try plan(input, missingLayers: missing[number], pool: &results[group].pool)
            results[group].collections.append((number, plan))
            didTokenize(input)
        }
        return results
    }
}
