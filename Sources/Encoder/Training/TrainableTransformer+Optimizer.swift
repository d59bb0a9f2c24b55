import Kernels

extension TrainableTransformer {
    /// Everything trained but the word table, in a fixed order.
    var trainedTensors: [TrainedTensor] {
        var list: [TrainedTensor] = [
            embeddings.positions, embeddings.tokenTypes, embeddings.norm.gamma, embeddings.norm.beta,
        ]
        for block in blocks {
            for linear in block.linears { list += [linear.weight, linear.bias] }
            for norm in block.norms { list += [norm.gamma, norm.beta] }
            if let adapter = block.adapter {
                for linear in [adapter.down, adapter.up] { list += [linear.weight, linear.bias] }
            }
        }
        return list.filter(\.isTrained)
    }

    var trainedLinears: [TrainableLinear] {
        blocks.flatMap { block in
            (method == .full ? block.linears : []) + (block.adapter.map { [$0.down, $0.up] } ?? [])
        }
    }

    /// L2 norm over all gradients, summed in double; NaN or infinite when a gradient is.
    package func gradientNorm() -> Double {
        settleGradients()
        let tensors = trainedTensors
        var squares = [Double](repeating: 0, count: tensors.count)
        squares.withUnsafeMutableBufferPointer { squares in
            // Each task writes its own element; they are added in order below.
            let squares = squares
            crew.run(tensors.count) { _, index in
                squares[index] = Vectors.sumOfSquares(tensors[index].gradient.pointer, count: tensors[index].count)
            }
        }
        return (squares.reduce(0, +) + (embeddings.trainedWords?.squaredGradientNorm() ?? 0)).squareRoot()
    }

    /// One AdamW step over everything trained; weights are packed again on the way.
    package func applyAdamW(_ update: AdamWUpdate) {
        precondition(update.step >= 1, "AdamW's steps count from 1, not \(update.step)")
        settleGradients()
        var tasks: [() -> Void] = []
        for linear in trainedLinears {
            for task in 0..<linear.taskCount { tasks.append { linear.update(task: task, update) } }
        }
        if let words = embeddings.trainedWords {
            for segment in words.segments.indices { tasks.append { words.update(segment: segment, update) } }
        }
        let packed = Set(trainedLinears.flatMap { [ObjectIdentifier($0.weight), ObjectIdentifier($0.bias)] })
        for tensor in trainedTensors where !packed.contains(ObjectIdentifier(tensor)) {
            tasks.append { tensor.update(0..<tensor.count, update) }
        }
        crew.run(tasks.count) { _, task in tasks[task]() }
        embeddings.trainedWords?.decayUnused(update)
    }
}
