import ArgumentParser
import Console
import Diagnostics
import Encoder
import Files
import Parallelism
import Synchronization

/// `indexer encode`: raw vectors of lines, for looking at a checkpoint and comparing with other implementations.
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Writes the raw vectors of lines on standard input as a NumPy array [lines, layers, C].",
        discussion: """
            Lines end at line feeds only and are not trimmed; with --input word-gloss a line is a word, a tab and a gloss, \
            and the vector is that of the word. Vectors are float32 and not normalised; a line without a vector is a row \
            of NaN and named on standard error.

            Example:
              printf 'house\\nkäärme\\n' | indexer encode --checkpoint models/mbert --out vectors.npy
            """)

    enum Input: String, ExpressibleByArgument, CaseIterable {
        case word, sentence
        case wordGloss = "word-gloss"
    }

    @Option(help: ArgumentHelp("Hugging Face folder.", valueName: "folder"))
    var checkpoint: String

    @Option(help: ArgumentHelp("Layers: 'all', or numbers and ranges.", valueName: "all|0,6,8-12"))
    var layers: LayerSelection = .all

    @Option(help: ArgumentHelp("File to write the array to.", valueName: "file.npy"))
    var out: String

    @Option(help: "What a line is.")
    var input: Input = .word

    @Option(help: "Tokens per call of the encoder.")
    var batchTokens = TransformerEncoder.tokensPerPass

    @Option(help: "Threads that encode.")
    var threads = ThreadCount.processors

    @OptionGroup var output: OutputOptions

    /// Lines tokenised and sorted by length together.
    private static let blockLines = 8192

    func validate() throws {
        guard batchTokens > 0 else { throw ValidationError("--batch-tokens must be at least 1.") }
        try ThreadCount.check(threads)
    }

    func run() throws {
        let started = monotonicSeconds()
        let opened = try Checkpoint(folder: checkpoint)
        let numbers = try layers.numbers(checkpoint: checkpoint, layerCount: opened.configuration.layerCount)
        let tokenizer = try opened.tokenizer()
        let encoder = try TransformerEncoder(opened, highestLayer: numbers.last)
        let file = try NumPyFile(path: out, rowShape: [numbers.count, opened.configuration.hiddenSize])
        let blockEncoder = BlockEncoder(
            encoder: encoder, layers: numbers, batchTokens: batchTokens, threads: threads, file: file)
        let loaded = monotonicSeconds()
        var block: [TokenSequence?] = []
        var rows = 0
        var tokens = 0
        var missing = 0
        var truncated = 0
        let lines = try LineReader.standardInput()
        while let line = try lines.next() {
            let number = lines.lineNumber
            switch try outcome(line, number: number, tokenizer: tokenizer, opened.configuration.maximumLength) {
            case .sequence(let sequence, let cut):
                block.append(sequence)
                tokens += sequence.ids.count
                if cut { truncated += 1 }
            case .empty: block.append(nil)
            case .separatorInside: block.append(nil)
            }
            if block.last == .some(nil) {
                missing += 1
                output.remark("standard input, line \(number): no vector (try `indexer tokenize` to see why)")
            }
            if block.count == Self.blockLines {
                try blockEncoder.encode(block, firstRow: rows)
                rows += block.count
                block.removeAll(keepingCapacity: true)
            }
        }
        try blockEncoder.encode(block, firstRow: rows)
        rows += block.count
        try file.finish(rows: rows)
        let seconds = (load: loaded - started, encode: monotonicSeconds() - loaded)
        try report(
            rows: rows, tokens: tokens, missing: missing, truncated: truncated, layers: numbers, seconds: seconds,
            opened.configuration)
    }

    private func outcome(
        _ line: UnsafeBufferPointer<UInt8>, number: Int, tokenizer: any Tokenizer, _ maximumLength: Int
    ) throws -> SequenceBuilder.Outcome {
        guard input == .wordGloss else {
            return SequenceBuilder.single(tokenizer, utf8: line, maximumLength: maximumLength)
        }
        guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else {
            throw LineError(
                name: "standard input", line: number, expected: "a word, a tab and a gloss", found: "no tab")
        }
        return SequenceBuilder.sense(
            tokenizer, word: UnsafeBufferPointer(rebasing: line[..<tab]),
            gloss: UnsafeBufferPointer(rebasing: line[(tab + 1)...]), maximumLength: maximumLength)
    }

    private func report(
        rows: Int, tokens: Int, missing: Int, truncated: Int, layers: [Int], seconds: (load: Double, encode: Double),
        _ configuration: TransformerConfiguration
    ) throws {
        if output.json {
            try ResultStream.standardOutput.write([
                "out": .text(out), "rows": .integer(rows), "layers": .array(layers.map { .integer($0) }),
                "dimension": .integer(configuration.hiddenSize), "without_vector": .integer(missing),
                "truncated": .integer(truncated), "tokens": .integer(tokens), "load_seconds": .number(seconds.load),
                "encode_seconds": .number(seconds.encode),
                "peak_memory_bytes": .integer(ProcessUsage.peakResidentBytes),
            ])
        } else {
            try ResultStream.standardOutput.write(
                "\(out): \(Quantity.grouped(rows)) rows, \(layers.count) layers of \(configuration.hiddenSize) float32 values; "
                    + "\(Quantity.grouped(missing)) without a vector, \(Quantity.grouped(truncated)) cut to "
                    + "\(configuration.maximumLength) tokens\n")
        }
    }
}

/// Encodes blocks of lines on all threads and writes their rows in the order of the lines.
private final class BlockEncoder {
    private let encoder: TransformerEncoder
    private let layers: [Int]
    private let batchTokens: Int
    private let workspaces: [TransformerEncoder.Workspace]
    private let file: NumPyFile

    init(encoder: TransformerEncoder, layers: [Int], batchTokens: Int, threads: Int, file: NumPyFile) {
        self.encoder = encoder
        self.layers = layers
        self.batchTokens = batchTokens
        workspaces = (0..<threads).map { _ in TransformerEncoder.Workspace() }
        self.file = file
    }

    func encode(_ block: [TokenSequence?], firstRow: Int) throws {
        let rowFloats = layers.count * encoder.configuration.hiddenSize
        let empty = [Float](repeating: .nan, count: rowFloats)
        for (row, sequence) in block.enumerated() where sequence == nil {
            try empty.withUnsafeBufferPointer { try file.write($0, atRow: firstRow + row) }
        }
        let batches = self.batches(block)
        let next = Atomic<Int>(0)
        let failure = Mutex<(any Error)?>(nil)
        // Sendable by fiat: each iteration has its own workspace, rows are written to places of their own.
        nonisolated(unsafe) let shared = self
        Parallel.perform(min(workspaces.count, batches.count)) { thread in
            while failure.withLock({ $0 == nil }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < batches.count else { return }
                do {
                    let rows = batches[index]
                    try shared.encode(
                        rows, of: block, firstRow: firstRow, rowFloats: rowFloats, workspace: shared.workspaces[thread])
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Rows of one block, longest sequences first, cut by tokens: full batches, then ever smaller ones, so that no thread
    /// waits long for another's last batch.
    private func batches(_ block: [TokenSequence?]) -> [[Int]] {
        let order = block.indices.filter { block[$0] != nil }.sorted {
            (block[$1]?.ids.count ?? 0, $0) < (block[$0]?.ids.count ?? 0, $1)
        }
        var remaining = order.reduce(0) { $0 + (block[$1]?.ids.count ?? 0) }
        var batches: [[Int]] = []
        var tokens = 0
        var limit = 0
        for row in order {
            let length = block[row]?.ids.count ?? 0
            if batches.isEmpty || tokens + length > limit {
                batches.append([])
                tokens = 0
                limit = min(batchTokens, max(Self.smallestBatchTokens, remaining / (2 * workspaces.count)))
            }
            batches[batches.count - 1].append(row)
            tokens += length
            remaining -= length
        }
        return batches
    }

    /// Below this a matrix product loses more than an even end of the run gains.
    private static let smallestBatchTokens = 96

    private func encode(
        _ rows: [Int], of block: [TokenSequence?], firstRow: Int, rowFloats: Int,
        workspace: TransformerEncoder.Workspace
    ) throws {
        let dimension = encoder.configuration.hiddenSize
        let vectors = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows.count * rowFloats)
        let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: rowFloats)
        defer {
            vectors.deallocate()
            row.deallocate()
        }
        guard let base = vectors.baseAddress, let rowBase = row.baseAddress else { return }
        encoder.encode(rows.compactMap { block[$0] }, layers: layers, workspace: workspace, into: base)
        for (position, number) in rows.enumerated() {
            for layer in layers.indices {
                (rowBase + layer * dimension).update(
                    from: base + (layer * rows.count + position) * dimension, count: dimension)
            }
            try file.write(UnsafeBufferPointer(row), atRow: firstRow + number)
        }
    }
}
