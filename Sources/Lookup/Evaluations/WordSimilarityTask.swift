import Evaluation
import Fingerprinting
import Lexicon
import Store

/// Scores similarity files at every layer: words are gathered over all files, looked up or encoded once, then compared.
package struct WordSimilarityTask {
    private let run: EvaluationRun
    private let checkpoints: [StoredCheckpoint]
    private let dataset: String
    private let files: [SimilarityPairs]

    package init(run: EvaluationRun, checkpoints: [StoredCheckpoint], dataset: String, files: [SimilarityPairs]) {
        self.run = run
        self.checkpoints = checkpoints
        self.dataset = dataset
        self.files = files
    }

    /// Memory for vectors at a time; more layers than fit are done in several passes.
    static let vectorBytes = 1 << 30

    package func perform() throws {
        let plans = try checkpoints.map { checkpoint in (checkpoint, views: try plan(checkpoint)) }
        let isOwn = run.isOwn(
            plans.flatMap { checkpoint, views in
                views.flatMap(\.cells).map { cell in
                    PlannedResult(
                        unit: "\(checkpoint.name) \(cell.file.name)", neighbourhood: checkpoint.name,
                        key: cell.key.fingerprint, weight: Double(cell.file.count))
                }
            })
        var own = isOwn[...]
        for (checkpoint, views) in plans {
            var missing = views
            for index in missing.indices {
                missing[index].cells = try views[index].cells.filter { cell in
                    guard own.removeFirst() else { return false }
                    return try !run.reuse(cell.key, basis: cell.basis)
                }
            }
            try perform(checkpoint, missing)
        }
    }

    /// A layer that is asked, or the mean of several.
    private struct View {
        let members: [Int]
        let mean: String?
        /// Files that are scored at it.
        var cells: [(file: SimilarityPairs, key: ResultKey, basis: ResultBasis)] = []

        var number: Int { members[members.count - 1] }
        var name: String { mean ?? "\(number)" }
    }

    /// Every file at every layer asked for.
    private func plan(_ checkpoint: StoredCheckpoint) throws -> [View] {
        var views = try views(of: checkpoint)
        // Words that are not stored are encoded as the stored ones were.
        let pooling = try checkpoint.wordPooling().map { fields -> Fingerprint in
            let builder = FingerprintBuilder()
            builder.combine(pooling: fields)
            return builder.finish()
        }
        for index in views.indices {
            views[index].cells = try files.map { file in
                let words = [file.firstLanguage, file.secondLanguage].compactMap { checkpoint.words($0) }
                let members = views[index].members
                let read = try words.flatMap { try checkpoint.layers(of: $0).filter { members.contains($0.layer) } }
                let inputs =
                    [file.fingerprint, checkpoint.record.fingerprint] + read.map(\.fingerprint) + words.map(\.list)
                    + (pooling.map { [$0] } ?? [])
                let key = ResultKey(
                    policy: .xlsim, dataset: dataset, pair: file.name, checkpoint: checkpoint.name,
                    layer: views[index].number, mean: views[index].mean, inputs: inputs)
                return (file, key, checkpoint.basis(words, layers: read))
            }
        }
        return views
    }

    /// - Parameter views: with the files whose results are missing.
    private func perform(_ checkpoint: StoredCheckpoint, _ views: [View]) throws {
        // A word is read from the store where its vocabulary has all layers of the view, whatever other views are open.
        let pending = try Dictionary(grouping: views.filter { !$0.cells.isEmpty }) { view in
            try vocabularies(of: checkpoint, at: view.members)
        }
        for (_, views) in pending.sorted(by: { $0.value[0].number < $1.value[0].number }) {
            try evaluate(views, checkpoint)
        }
    }

    /// Languages whose vocabulary is stored at all these layers.
    private func vocabularies(of checkpoint: StoredCheckpoint, at layers: [Int]) throws -> Set<String> {
        let languages = Set(files.flatMap { [$0.firstLanguage, $0.secondLanguage] })
        return try languages.filter { language in
            guard let words = checkpoint.words(language) else { return false }
            return Set(layers).isSubset(of: try checkpoint.layers(of: words).map(\.layer))
        }
    }

    /// - Parameter pending: views whose words come from the same places.
    private func evaluate(_ pending: [View], _ checkpoint: StoredCheckpoint) throws {
        let needed = Set(pending.flatMap(\.members)).sorted()
        let open = files.filter { file in pending.contains { $0.cells.contains { $0.file.name == file.name } } }
        let words = try WordVectors(files: open, checkpoint: checkpoint, layers: needed)
        let observer = run.observer
        observer.begin(
            run.schema.task, weight: Double(words.toEncode * needed.count + open.count * pending.count), unit: "texts",
            isFloatingPoint: false)
        if words.toEncode > 0 {
            observer.remark(
                "\(checkpoint.name): \(words.stored) words are stored, \(words.toEncode) texts are encoded with "
                    + checkpoint.record.source)
        }
        var sum = WordVectors.Sum()
        let perLayer = max(1, words.count * words.dimension * MemoryLayout<Float>.stride)
        let together = max(1, Self.vectorBytes / perLayer)
        for start in stride(from: 0, to: needed.count, by: together) {
            let layers = Array(needed[start..<min(start + together, needed.count)])
            observer.phase("\(checkpoint.name) encoding")
            let encoded = try words.encode(layers: layers, threads: run.settings.threads) { texts in
                observer.advance(weight: Double(texts * layers.count), items: texts)
                try observer.checkForStop()
            }
            for (position, layer) in layers.enumerated() {
                let matrix = try words.matrix(layer: layer, encoded: encoded, position: position)
                // The last of a mean's layers completes it.
                for view in pending where view.mean == nil ? view.number == layer : view.members.contains(layer) {
                    if view.mean != nil { sum.add(matrix) }
                    guard view.number == layer else { continue }
                    observer.phase("\(checkpoint.name) layer \(view.name)")
                    let compared =
                        view.mean == nil ? matrix : try sum.matrix(name: "\(checkpoint.name) layers \(view.name)")
                    for (file, key, basis) in view.cells {
                        run.add([
                            result(
                                file, key, basis, view: view, checkpoint: checkpoint, words: words, matrix: compared)
                        ])
                        observer.advance(weight: 1, items: 0)
                    }
                }
                try observer.checkForStop()
            }
        }
        observer.finish()
    }

    /// Layers any collection of the checkpoint is stored at; a layer asked for by number needs not be stored.
    private func views(of checkpoint: StoredCheckpoint) throws -> [View] {
        func possible(_ layers: [Int]) throws -> [Int] {
            let all = Array(0...checkpoint.record.layerCount)
            guard layers.allSatisfy(all.contains) else {
                throw LookupError.noSuchLayer(
                    checkpoint: checkpoint.name, what: "model", layers: layers.filter { !all.contains($0) }, known: all)
            }
            return layers
        }
        switch run.settings.layers {
        case .all:
            let stored = try checkpoint.collections.flatMap { try checkpoint.layers(of: $0).map(\.layer) }
            if stored.isEmpty { run.skip("\(checkpoint.name): nothing is stored; name layers with --layers") }
            return Set(stored).sorted().map { View(members: [$0], mean: nil) }
        case .some(let layers): return try possible(layers).map { View(members: [$0], mean: nil) }
        case .mean(let layers): return [View(members: try possible(layers), mean: LayerChoice.name(ofMean: layers))]
        }
    }

    private func result(
        _ file: SimilarityPairs, _ key: ResultKey, _ basis: ResultBasis, view: View, checkpoint: StoredCheckpoint,
        words: WordVectors, matrix: WordVectors.Matrix
    ) -> NewResult {
        var cosines: [Double] = []
        var positions: [Int] = []
        var scores: [Double] = []
        var withoutVector = 0
        for row in 0..<file.count {
            guard
                let cosine = matrix.cosine(words.number(file, row, first: true), words.number(file, row, first: false))
            else {
                withoutVector += 1
                continue
            }
            cosines.append(cosine)
            positions.append(row)
            scores.append(file.scores[row])
        }
        let correlation = SpearmanCorrelation(cosines, scores)
        var values: [String: Double] = [
            "pairs": Double(correlation.pairs), "omitted": Double(file.omitted),
            "without_vector": Double(withoutVector), "encoded": Double(words.encodedWords(of: file)),
        ]
        // A constant list has no ρ: the value is left out, not invented.
        if !correlation.rho.isNaN { values["rho"] = correlation.rho }
        let record = ResultRecord(
            task: "xlsim", dataset: dataset, pair: file.name, checkpoint: checkpoint.name, layer: view.number,
            mean: view.mean, fingerprint: key.fingerprint, values: values,
            provenance: [
                "policy": ResultKey.Policy.xlsim.text, "pairs": file.path,
                "pairs_fingerprint": file.fingerprint.hex,
                "checkpoint_fingerprint": checkpoint.record.fingerprint.hex,
                "checkpoint_folder": checkpoint.record.source,
            ],
            created: EvaluationRun.now)
        return NewResult(
            record: record, basis: basis,
            outcomes: .similarities(PairSimilarities(positions: positions, cosines: cosines), of: file.fingerprint))
    }
}
