/// How a run's steps lie over its constraints.
///
/// A batch is `batchSize` constraints; an epoch has ceil(constraints / batchSize) of them, the last one smaller when they
/// do not divide (torch's `DataLoader`). An optimiser step takes `accumulation` batches, the last of an epoch what is left.
struct StepPlan: Equatable, Sendable {
    let constraints: Int
    let batchSize: Int
    let accumulation: Int
    let totalSteps: Int
    let stepsPerEpoch: Int

    init(constraints: Int, batchSize: Int, accumulation: Int, epochs: Int, maxSteps: Int?) {
        self.constraints = constraints
        self.batchSize = batchSize
        self.accumulation = accumulation
        let batches = (constraints + batchSize - 1) / batchSize
        stepsPerEpoch = (batches + accumulation - 1) / accumulation
        let (all, overflow) = stepsPerEpoch.multipliedReportingOverflow(by: epochs)
        totalSteps = min(overflow ? Int.max : all, maxSteps ?? Int.max)
    }

    /// The batches of a step (counted from 1): their epoch and places in it.
    func batches(step: Int) -> (epoch: Int, places: [Range<Int>]) {
        let epoch = (step - 1) / stepsPerEpoch
        let first = ((step - 1) % stepsPerEpoch) * accumulation * batchSize
        let end = min(first + accumulation * batchSize, constraints)
        return (epoch, stride(from: first, to: end, by: batchSize).map { $0..<min($0 + batchSize, end) })
    }

    /// Epochs done after a step, with the fraction of the one under way.
    func epochs(after step: Int) -> Double { Double(step) / Double(stepsPerEpoch) }

    /// Whether the run validates after a step: whenever another interval is full, and at the end.
    func validates(after step: Int, every interval: StepInterval) -> Bool {
        if step == totalSteps { return true }
        let length: Double =
            switch interval {
            case .units(let epochs): max(1, epochs * Double(stepsPerEpoch))
            case .steps(let count): Double(count)
            }
        func full(_ step: Int) -> Int { Int((Double(step) / length + 1e-9).rounded(.down)) }
        return full(step) > full(step - 1)
    }

    func validations(every interval: StepInterval, after start: Int = 0) -> Int {
        (start..<totalSteps).lazy.filter { validates(after: $0 + 1, every: interval) }.count
    }
}
