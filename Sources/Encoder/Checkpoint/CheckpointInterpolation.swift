import Diagnostics
import Files
import Fingerprinting
import Kernels

/// The weighted mean of checkpoints that have one shape and one tokenizer: a line between two models, or the average of
/// several seeds of one training ("model soups", Wortsman et al. 2022; WiSE-FT, Wortsman et al. 2022).
///
/// Each weight is Σ share · value, computed in float64 in the order of the checkpoints and rounded to float32 once.
/// Shares of 0 are skipped, so that a share of 1 gives a checkpoint's own bits, and the mean of equal checkpoints is
/// that checkpoint.
package struct CheckpointInterpolation {
    package let checkpoints: [Checkpoint]
    /// One for each checkpoint; their sum is 1.
    package let shares: [Double]

    /// Floats read of a tensor at a time.
    private static let chunk = 1 << 16

    /// - Throws: `CheckpointError`, when a checkpoint is an adapter's folder, or is not of the first one's shape or
    ///   tokenizer.
    package init(_ checkpoints: [Checkpoint], shares: [Double]) throws {
        precondition(checkpoints.count == shares.count && !checkpoints.isEmpty)
        self.checkpoints = checkpoints
        self.shares = shares
        try CheckpointFiles.requireCopyableTokenizer(checkpoints[0].folder)
        let tokenizer = try TokenizerFolder.fingerprint(checkpoints[0].folder)
        for checkpoint in checkpoints {
            if checkpoint.adapter != nil { throw CheckpointError.adapterInterpolated(folder: checkpoint.folder) }
            if let difference = checkpoints[0].configuration.difference(from: checkpoint.configuration) {
                throw CheckpointError.otherShape(
                    folder: checkpoint.folder, key: difference.key, found: difference.other,
                    first: checkpoints[0].folder,
                    expected: difference.own)
            }
            guard try TokenizerFolder.fingerprint(checkpoint.folder) == tokenizer else {
                throw CheckpointError.otherTokenizer(folder: checkpoint.folder, first: checkpoints[0].folder)
            }
        }
    }

    /// Writes the mean as a Hugging Face folder: `model.safetensors` in float32, the first checkpoint's `config.json`
    /// and tokenizer, and `extraFiles` (by name, which may hold a folder). The pooler is averaged too when every
    /// checkpoint has one of the same shape; otherwise it is left out. The folder takes its name when it is complete.
    /// - Parameter checkForStop: called between tensors.
    /// - Throws: `CheckpointError.notFinite` naming file and tensor; `SystemFault` (a full disk among them).
    package func write(to folder: String, extraFiles: [String: String], checkForStop: () throws -> Void = {}) throws {
        let replacement = try FolderReplacement(folder)
        do {
            try writeWeights(to: replacement.temporary + "/model.safetensors", checkForStop: checkForStop)
            try replacement.write("config.json", CheckpointFiles.configuration(of: checkpoints[0]))
            try CheckpointFiles.copyTokenizer(from: checkpoints[0].folder, into: replacement)
            for (name, text) in extraFiles.sorted(by: { $0.key < $1.key }) {
                try DurableFolder.create(DurableFolder.parent(of: replacement.temporary + "/" + name))
                try replacement.write(name, .init(text.utf8))
            }
            try replacement.finish()
        } catch {
            replacement.abandon()
            throw error
        }
    }

    private func writeWeights(to path: String, checkForStop: () throws -> Void) throws {
        var tensors = try checkpoints[0].configuration.parameters.map { name, shape in
            (name: name, shape: shape, parts: try checkpoints.map { try $0.tensors.tensor(name, shape: shape) })
        }
        tensors += poolers
        let writer = try SafetensorsWriter(path: path, tensors: tensors.map { ($0.name, $0.shape) })
        let values = FloatBuffer(count: Self.chunk)
        var sums = [Double](repeating: 0, count: Self.chunk)
        try withExtendedLifetime(values) {
            for tensor in tensors {
                try checkForStop()
                for start in stride(from: 0, to: tensor.parts[0].count, by: Self.chunk) {
                    let count = min(Self.chunk, tensor.parts[0].count - start)
                    // A negative zero stays one: nothing is added to +0.
                    for i in 0..<count { sums[i] = -0.0 }
                    for (part, share) in zip(tensor.parts, shares) where share != 0 {
                        part.read(start: start, count: count, into: values.pointer)
                        guard Vectors.areFinite(values.pointer, count: count) else {
                            throw CheckpointError.notFinite(path: part.file.path, tensor: part.name)
                        }
                        for i in 0..<count { sums[i] += share * Double(values.pointer[i]) }
                    }
                    for i in 0..<count { values.pointer[i] = Float(sums[i]) }
                    try writer.append(values.pointer, count: count)
                }
                for checkpoint in checkpoints { checkpoint.tensors.releasePages() }
            }
        }
        try writer.finish()
    }

    /// Whether the family's class in `transformers` would look for a pooler that is not written.
    package var lacksPooler: Bool { checkpoints[0].configuration.architecture.hasPooler && poolers.count < 2 }

    private var poolers: [(name: String, shape: [Int], parts: [MappedTensor])] {
        let all = checkpoints.map(\.tensors.pooler)
        guard
            all.allSatisfy({
                $0.map(\.name) == all[0].map(\.name) && $0.map(\.tensor.shape) == all[0].map(\.tensor.shape)
            })
        else { return [] }
        return all[0].indices.map { i in (all[0][i].name, all[0][i].tensor.shape, all.map { $0[i].tensor }) }
    }
}
