import Kernels

extension TrainableTransformer {
    /// Canonical names of what is trained: the checkpoint's ("encoder.layer.0.output.dense.weight") or the adapters'.
    package var parameterNames: [String] {
        let trained = Set(trainedTensors.flatMap { $0.parts.map(\.name) } + [ParameterName.wordEmbeddings])
        guard method == .full else {
            return blocks.flatMap { block in
                [AdapterName.down(block.layer), AdapterName.up(block.layer)].flatMap { [$0 + ".weight", $0 + ".bias"] }
            }
        }
        return ParameterName.all(of: configuration).map(\.name).filter(trained.contains)
    }

    /// Current values of a trained parameter; embeddings dense, [V, C].
    package func values(of name: String) -> [Float] {
        if name == ParameterName.wordEmbeddings, let words = embeddings.trainedWords {
            return words.dense { words.read(id: $0, into: $1) }
        }
        return part(name) { tensor, part in Array(UnsafeBufferPointer(start: tensor.value.pointer + part.offset, count: part.count)) }
    }

    /// Gradient of a trained parameter; embeddings dense, [V, C].
    package func gradient(of name: String) -> [Float] {
        settleGradients()
        if name == ParameterName.wordEmbeddings, let words = embeddings.trainedWords {
            return words.dense { words.readGradient(id: $0, into: $1) }
        }
        return part(name) { tensor, part in
            Array(UnsafeBufferPointer(start: tensor.gradient.pointer + part.offset, count: part.count))
        }
    }

    /// Replaces a trained parameter, not a table's; for tests and checks.
    func setValues(_ values: [Float], of name: String) {
        for linear in trainedLinears {
            for tensor in [linear.weight, linear.bias] {
                for part in tensor.parts where part.name == name {
                    precondition(values.count == part.count, "\(name) has \(part.count) values, not \(values.count)")
                    for (i, value) in values.enumerated() { tensor.value.pointer[part.offset + i] = value }
                    linear.pack(0..<linear.outputSize)
                    return
                }
            }
        }
        preconditionFailure("\(name) is no trained linear layer's")
    }

    private func part(_ name: String, _ body: (TrainedTensor, TrainedTensor.Part) -> [Float]) -> [Float] {
        for tensor in trainedTensors {
            for part in tensor.parts where part.name == name { return body(tensor, part) }
        }
        preconditionFailure("\(name) is not trained")
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
