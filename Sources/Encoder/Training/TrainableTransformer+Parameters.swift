import Kernels

extension TrainableTransformer {
    /// Canonical names of what is trained: the checkpoint's ("encoder.layer.0.output.dense.weight") or the adapters'.
    package var parameterNames: [String] {
        let trained = Set(trainedTensors.flatMap { $0.parts.map(\.name) } + [configuration.names.wordEmbeddings])
        guard method == .full else {
            return blocks.flatMap { block in
                (block.adapter?.linears ?? []).flatMap { $0.parameters.flatMap { $0.parts.map(\.name) } }
            }
        }
        return configuration.parameters.map(\.name).filter(trained.contains)
    }

    /// Current values of a trained parameter; embeddings dense, [V, C].
    package func values(of name: String) -> [Float] {
        if name == configuration.names.wordEmbeddings, let words = embeddings.trainedWords {
            return words.dense { words.read(id: $0, into: $1) }
        }
        return parts(name).flatMap { tensor, part in
            UnsafeBufferPointer(start: tensor.value.pointer + part.offset, count: part.count)
        }
    }

    /// Gradient of a trained parameter; embeddings dense, [V, C].
    package func gradient(of name: String) -> [Float] {
        settleGradients()
        if name == configuration.names.wordEmbeddings, let words = embeddings.trainedWords {
            return words.dense { words.readGradient(id: $0, into: $1) }
        }
        return parts(name).flatMap { tensor, part in
            UnsafeBufferPointer(start: tensor.gradient.pointer + part.offset, count: part.count)
        }
    }

    /// Replaces a trained linear layer's parameter; for tests and checks.
    func setValues(_ values: [Float], of name: String) {
        let parts = parts(name), count = parts.reduce(0) { $0 + $1.part.count }
        precondition(values.count == count, "\(name) has \(count) values, not \(values.count)")
        for (tensor, part) in parts {
            for i in 0..<part.count { tensor.value.pointer[part.offset + i] = values[part.start + i] }
        }
        for linear in trainedLinears where linear.parameters.contains(where: { $0.parts.contains { $0.name == name } })
        {
            linear.pack(0..<linear.outputSize)
        }
    }

    private func parts(_ name: String) -> [(tensor: ParameterTensor, part: ParameterTensor.Part)] {
        guard let parts = trainedParts[name] else { preconditionFailure("\(name) is not trained") }
        return parts
    }

    /// The parts of each trained parameter but the word table, in the order they have in a checkpoint.
    var trainedParts: [String: [(tensor: ParameterTensor, part: ParameterTensor.Part)]] {
        var parts: [String: [(tensor: ParameterTensor, part: ParameterTensor.Part)]] = [:]
        for tensor in trainedTensors {
            for part in tensor.parts { parts[part.name, default: []].append((tensor, part)) }
        }
        return parts.mapValues { $0.sorted { $0.part.start < $1.part.start } }
    }
}

extension TrainableWordTable {
    fileprivate func dense(_ read: (Int, UnsafeMutablePointer<Float>) -> Void) -> [Float] {
        [Float](unsafeUninitializedCapacity: vocabularySize * size) { buffer, filled in
            if let base = buffer.baseAddress {
                for id in 0..<vocabularySize { read(id, base + id * size) }
            }
            filled = vocabularySize * size
        }
    }
}
