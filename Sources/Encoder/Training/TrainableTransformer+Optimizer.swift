import Kernels
import Parallelism

extension TrainableTransformer {
    /// Everything trained but the word table, in a fixed order.
    var trainedTensors: [ParameterTensor] {
        var list = embeddings.parameters
        for block in blocks {
            list += block.linears.flatMap(\.parameters) + block.norms.flatMap(\.parameters)
            list += block.adapter?.linears.flatMap(\.parameters) ?? []
        }
        return list.filter(\.isTrained)
    }

    var trainedLinears: [LinearLayer] {
        blocks.flatMap { (method == .full ? $0.linears : []) + ($0.adapter?.linears ?? []) }
    }

    /// L2 norm over all gradients, summed in double; NaN or infinite when a gradient is.
    package func gradientNorm() -> Double {
        settleGradients()
        let tensors = trainedTensors
        var squares = [Double](repeating: 0, count: tensors.count)
        squares.withUnsafeMutableBufferPointer { squares in
            // Each task writes its own element; they are added in order below.
            let squares = squares
            Parallel.forEach(tensors.count, threads: threads) { _, index in
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
        let packed = Set(trainedLinears.flatMap { $0.parameters.map(ObjectIdentifier.init) })
        for tensor in trainedTensors where !packed.contains(ObjectIdentifier(tensor)) {
            tasks.append { tensor.update(0..<tensor.count, update) }
        }
        Parallel.forEach(tasks.count, threads: threads) { _, task in tasks[task]() }
        embeddings.trainedWords?.decayUnused(update)
    }
}
