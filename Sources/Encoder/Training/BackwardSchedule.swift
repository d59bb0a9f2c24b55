import Foundation

/// Hands out the tasks of a backward pass in an order that keeps every thread busy.
///
/// Level 0 is the last block, the last level the embeddings. `flow` carries one chunk's gradients down through a level;
/// `weights` computes one part of a level's weight gradients, which needs the flow of all chunks there. A level's
/// buffers are used again two levels further down. Which thread runs a task, and when, changes no result.
final class BackwardSchedule {
    enum Task {
        case flow(level: Int, chunk: Int)
        case weights(level: Int, index: Int)
    }

    static let bufferCount = 2

    private let condition = NSCondition()
    private let levels: Int
    /// Next level of each chunk, and whether a thread has it.
    private var chunkLevel: [Int]
    private var isBusy: [Bool]
    private var flowsLeft: [Int]
    private var weightsTaken: [Int]
    private var weightsLeft: [Int]
    private let weightTasks: [Int]

    /// - Parameter weightTasks: number of weight tasks at each level.
    init(weightTasks: [Int], chunks: Int) {
        levels = weightTasks.count
        self.weightTasks = weightTasks
        chunkLevel = [Int](repeating: 0, count: chunks)
        isBusy = [Bool](repeating: false, count: chunks)
        flowsLeft = [Int](repeating: chunks, count: levels)
        weightsTaken = [Int](repeating: 0, count: levels)
        weightsLeft = weightTasks
    }

    /// Waits for a task; nil when all are done or taken by others for good.
    func next() -> Task? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let task = takeFlow() ?? takeWeights() { return task }
            if flowsLeft.allSatisfy({ $0 == 0 }) && zip(weightsTaken, weightTasks).allSatisfy({ $0 == $1 }) {
                return nil
            }
            condition.wait()
        }
    }

    func finished(_ task: Task) {
        condition.lock()
        switch task {
        case .flow(let level, let chunk):
            chunkLevel[chunk] = level + 1
            isBusy[chunk] = false
            flowsLeft[level] -= 1
        case .weights(let level, _):
            weightsLeft[level] -= 1
        }
        condition.broadcast()
        condition.unlock()
    }

    /// The chunk that is furthest behind, if its level's buffers are free.
    private func takeFlow() -> Task? {
        var best: Int?
        for chunk in chunkLevel.indices where !isBusy[chunk] && chunkLevel[chunk] < levels {
            let level = chunkLevel[chunk]
            let isFree = level < Self.bufferCount || weightsLeft[level - Self.bufferCount] == 0
            if isFree, best.map({ level < chunkLevel[$0] }) ?? true { best = chunk }
        }
        guard let chunk = best else { return nil }
        isBusy[chunk] = true
        return .flow(level: chunkLevel[chunk], chunk: chunk)
    }

    private func takeWeights() -> Task? {
        for level in 0..<levels where flowsLeft[level] == 0 && weightsTaken[level] < weightTasks[level] {
            weightsTaken[level] += 1
            return .weights(level: level, index: weightsTaken[level] - 1)
        }
        return nil
    }
}
