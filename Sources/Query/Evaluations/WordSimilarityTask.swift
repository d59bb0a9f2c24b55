import Console
import Evaluation
import Lexicon
import Store

/// Scores similarity files at every layer: words are gathered over all files, looked up or encoded once, then compared.
struct WordSimilarityTask {
    let run: EvaluationRun
    let checkpoints: [StoredCheckpoint]
    let dataset: String
    let files: [SimilarityPairs]

    /// Memory for vectors at a time; more layers than fit are done in several passes.
    static let vectorBytes = 1 << 30

    func perform() throws {
        for checkpoint in checkpoints { try perform(checkpoint) }
    }

    private func perform(_ checkpoint: StoredCheckpoint) throws {
        let numbers = try layers(of: checkpoint)
        // Files whose result is missing at a layer.
        var missing: [Int: [(file: SimilarityPairs, key: ResultKey, basis: ResultBasis)]] = [:]
        for file in files {
            let words = [file.firstLanguage, file.secondLanguage].compactMap { checkpoint.words($0) }
            for layer in numbers {
                let read = try words.flatMap { try checkpoint.layers(of: $0).filter { $0.layer == layer } }
                let inputs = [file.fingerprint, checkpoint.record.fingerprint] + read.map(\.fingerprint) + words.map(\.list)
                let key = ResultKey(policy: .xlsim, dataset: dataset, pair: file.name, layer: layer, inputs: inputs)
                if try !run.reuse(key) {
                    missing[layer, default: []].append((file, key, checkpoint.basis(words, layers: read)))
                }
            }
        }
        let pending = missing.keys.sorted()
        guard !pending.isEmpty else { return }
        let open = files.filter { file in missing.values.contains { $0.contains { $0.file.name == file.name } } }
        let words = try WordVectors(files: open, checkpoint: checkpoint, layers: pending)
        let progress: any ProgressReporter = run.options.output.quiet
            ? SilentProgress()
            : ProgressBar(
                title: "xlsim", totalWeight: Double(words.toEncode * pending.count + open.count * pending.count),
                itemUnit: "texts")
        if words.toEncode > 0 {
            run.options.output.remark(
                "\(checkpoint.name): \(words.stored) words are stored, \(words.toEncode) texts are encoded with "
                    + checkpoint.record.source)
        }
        let perLayer = max(1, words.count * checkpoint.record.hiddenSize * MemoryLayout<Float>.stride)
        let together = max(1, Self.vectorBytes / perLayer)
        for start in stride(from: 0, to: pending.count, by: together) {
            let layers = Array(pending[start..<min(start + together, pending.count)])
            progress.phase("\(checkpoint.name) encoding")
            let encoded = try words.encode(layers: layers, threads: run.options.threadCount) { texts in
                progress.advance(weight: Double(texts * layers.count), items: texts)
                try EvaluationRun.checkForStop()
            }
            for (position, layer) in layers.enumerated() {
                progress.phase("\(checkpoint.name) layer \(layer)")
                let matrix = try words.matrix(layer: layer, encoded: encoded, position: position)
                for (file, key, basis) in missing[layer] ?? [] {
                    let result = record(file, key, layer: layer, checkpoint: checkpoint, words: words, matrix: matrix)
                    run.add([(result, basis)])
                    progress.advance(weight: 1, items: 0)
                }
                try EvaluationRun.checkForStop()
            }
        }
        progress.finish()
    }

    /// Layers any collection of the checkpoint is stored at; a layer asked for by number needs not be stored.
    private func layers(of checkpoint: StoredCheckpoint) throws -> [Int] {
        switch run.options.layers {
        case .all:
            let stored = try checkpoint.collections.flatMap { try checkpoint.layers(of: $0).map(\.layer) }
            if stored.isEmpty { run.skip("\(checkpoint.name): nothing is stored; name layers with --layers") }
            return Set(stored).sorted()
        case .some(let layers):
            let possible = Array(0...checkpoint.record.layerCount)
            let chosen = layers.filter(possible.contains)
            guard chosen.count == layers.count else {
                throw QueryError.noSuchLayer(
                    checkpoint: checkpoint.name, what: "model", layers: layers.filter { !possible.contains($0) },
                    known: possible)
            }
            return chosen
        }
    }

    private func record(
        _ file: SimilarityPairs, _ key: ResultKey, layer: Int, checkpoint: StoredCheckpoint, words: WordVectors,
        matrix: WordVectors.Matrix
    ) -> ResultRecord {
        var cosines: [Double] = []
        var scores: [Double] = []
        var withoutVector = 0
        for row in 0..<file.count {
            guard let cosine = matrix.cosine(words.number(file, row, first: true), words.number(file, row, first: false))
            else {
                withoutVector += 1
                continue
            }
            cosines.append(cosine)
            scores.append(file.scores[row])
        }
        let correlation = SpearmanCorrelation(cosines, scores)
        var values: [String: Double] = [
            "pairs": Double(correlation.pairs), "omitted": Double(file.omitted),
            "without_vector": Double(withoutVector), "encoded": Double(words.encodedWords(of: file)),
        ]
        // A constant list has no ρ: the value is left out, not invented.
        if !correlation.rho.isNaN { values["rho"] = correlation.rho }
        return ResultRecord(
            task: "xlsim", dataset: dataset, pair: file.name, checkpoint: checkpoint.name, layer: layer,
            fingerprint: key.fingerprint, values: values,
            provenance: [
                "policy": ResultKey.Policy.xlsim.text, "pairs": file.path,
                "pairs_fingerprint": file.fingerprint.hex,
                "checkpoint_fingerprint": checkpoint.record.fingerprint.hex, "checkpoint_folder": checkpoint.record.source,
            ],
            created: wallSeconds())
    }
}
