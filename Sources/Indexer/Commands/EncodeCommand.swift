import ArgumentParser
import Console
import Diagnostics
import Encoder
import Files
import Kernels

/// `indexer encode`: raw vectors of lines, for looking at a checkpoint and comparing with other implementations.
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Writes the raw vectors of lines on standard input as a NumPy array [lines, layers, C].",
        discussion: """
            Lines end at line feeds only and are not trimmed; with --input word-gloss a line is a word, a tab and a \
            gloss, and the vector is that of the word. Vectors are float32 and not normalised; a line without a \
            vector is a row of NaN and named on standard error.

            With --pooling model a line is made into a vector as sentence-transformers' encode() does it with this \
            folder: its pooling, special tokens, prompt, lower-casing, length, Dense modules and normalisation (at \
            every layer asked for).

            Example:
              printf 'house\\nkäärme\\n' | indexer encode --checkpoint models/mbert --out vectors.npy
              indexer encode --input sentence --pooling model --prompt 'query: ' --layers 12 --checkpoint models/e5 \
                --out vectors.npy < lines.txt
            """)

    enum Input: String, ExpressibleByArgument, CaseIterable {
        case word, sentence
        case wordGloss = "word-gloss"
    }

    @Option(help: ArgumentHelp("Hugging Face folder.", valueName: "folder"), completion: .directory)
    var checkpoint: String

    @Option(help: ArgumentHelp("Layers: 'all', or numbers and ranges.", valueName: "all|0,6,8-12"))
    var layers: LayerSelection = .all

    @Option(help: ArgumentHelp("File to write the array to.", valueName: "file.npy"), completion: .file())
    var out: String

    @Option(help: "What a line is.")
    var input: Input = .word

    @Option(
        help: ArgumentHelp(
            "With --input sentence: 'paper', the mean over a sentence's own subwords, 'model', what the folder's "
                + "modules.json says, or a pooling over all tokens.", valueName: "paper|model|mean|cls|…"))
    var pooling: SentencePooling = .paper

    @Option(
        help: ArgumentHelp(
            "With another --pooling than paper: text in front of every line, instead of the folder's own.",
            valueName: "text"))
    var prompt: String?

    @Option(
        help: ArgumentHelp(
            "With another --pooling than paper: tokens of a line at most, instead of the folder's own number.",
            valueName: "tokens"))
    var maximumLength: Int?

    @Option(help: "Tokens per call of the encoder.")
    var batchTokens = BatchPlanner.defaultTokens

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var output: OutputOptions

    /// Lines tokenised and sorted by length together.
    private static let blockLines = 8192

    func validate() throws {
        guard batchTokens > 0 else { throw ValidationError("--batch-tokens must be at least 1.") }
        guard input == .sentence || pooling == .paper else {
            throw ValidationError("--pooling is for --input sentence.")
        }
        guard pooling != .paper || (prompt == nil && maximumLength == nil) else {
            throw ValidationError("--prompt and --maximum-length are for --pooling model, mean, cls, …")
        }
        if let maximumLength, maximumLength < 3 { throw ValidationError("--maximum-length must be at least 3.") }
    }

    func run() throws {
        let started = monotonicSeconds()
        let opened = try Checkpoint(folder: checkpoint)
        if let said = opened.remark { output.remark(said) }
        let convention = try convention(opened)
        let longest = min(opened.configuration.maximumLength, convention?.maximumLength ?? .max)
        let numbers = try layers.numbers(checkpoint: checkpoint, layerCount: opened.configuration.layerCount)
        let tokenizer = try opened.tokenizer()
        let engine = try opened.engine(highestLayer: numbers.last, dense: convention?.dense)
        let texts = TextSequences(tokenizer, convention: convention, maximumLength: longest)
        let file = try NumPyFile(path: out, rowShape: [numbers.count, engine.dimension])
        let encoder = ParallelEncoder(engine, threads: parallelism.threads, planner: BatchPlanner(tokens: batchTokens))
        let blockEncoder = BlockEncoder(
            encoder, layers: numbers, isNormalized: convention?.isNormalized ?? false, file: file)
        let loaded = monotonicSeconds()
        var block: [TokenSequence?] = []
        var rows = 0
        var tokens = 0
        var missing = 0
        var truncated = 0
        let lines = try LineReader.standardInput()
        while let line = try lines.next() {
            let number = lines.lineNumber
            switch try outcome(line, number: number, texts, tokenizer, longest) {
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
            longest, dimension: engine.dimension)
    }

    /// What the folder says, with what the command line says instead; nil for the paper's.
    private func convention(_ opened: Checkpoint) throws -> SentenceConvention? {
        var convention: SentenceConvention
        switch pooling {
        case .paper: return nil
        case .model: convention = try SentenceConvention.read(folder: opened.sourceFolder)
        case .mode(let mode): convention = SentenceConvention(mode: mode)
        }
        if let prompt { convention.prompt = prompt }
        if let maximumLength { convention.maximumLength = maximumLength }
        return convention
    }

    private func outcome(
        _ line: UnsafeBufferPointer<UInt8>, number: Int, _ texts: TextSequences, _ tokenizer: any Tokenizer,
        _ maximumLength: Int
    ) throws -> SequenceBuilder.Outcome {
        guard input == .wordGloss else { return texts.sequence(utf8: line) }
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
        _ longest: Int, dimension: Int
    ) throws {
        if output.json {
            try ResultStream.standardOutput.write([
                "out": .text(out), "rows": .integer(rows), "layers": .array(layers.map { .integer($0) }),
                "dimension": .integer(dimension), "without_vector": .integer(missing),
                "truncated": .integer(truncated), "tokens": .integer(tokens), "load_seconds": .number(seconds.load),
                "encode_seconds": .number(seconds.encode),
                "peak_memory_bytes": .integer(ProcessUsage.peakResidentBytes),
            ])
        } else {
            try ResultStream.standardOutput.write(
                report: "\(out): \(Quantity.counted(rows, "row")), \(layers.count) layers of \(dimension) float32 "
                    + "values; \(Quantity.grouped(missing)) without a vector, \(Quantity.grouped(truncated)) cut to "
                    + "\(longest) tokens\n")
        }
    }
}

/// Encodes blocks of lines on all threads and writes their rows in the order of the lines.
private final class BlockEncoder {
    private let encoder: ParallelEncoder
    private let layers: [Int]
    private let isNormalized: Bool
    private let file: NumPyFile

    init(_ encoder: ParallelEncoder, layers: [Int], isNormalized: Bool, file: NumPyFile) {
        self.encoder = encoder
        self.layers = layers
        self.isNormalized = isNormalized
        self.file = file
    }

    func encode(_ block: [TokenSequence?], firstRow: Int) throws {
        let dimension = encoder.dimension, empty = [Float](repeating: .nan, count: layers.count * dimension)
        for (row, sequence) in block.enumerated() where sequence == nil {
            try empty.withUnsafeBufferPointer { try file.write($0, atRow: firstRow + row) }
        }
        let rows = block.indices.filter { block[$0] != nil }
        try encoder.encode(block.compactMap { $0 }, layers: layers) { batch, vectors in
            var row = empty
            for (place, position) in batch.enumerated() {
                try row.withUnsafeMutableBufferPointer { row in
                    guard let base = row.baseAddress else { return }
                    for layer in layers.indices {
                        (base + layer * dimension).update(
                            from: vectors + (layer * batch.count + place) * dimension, count: dimension)
                    }
                    // A vector of length 0 stays as it is, as the library leaves it.
                    for layer in layers.indices where isNormalized {
                        _ = Vectors.normalizeRows(base + layer * dimension, rows: 1, columns: dimension)
                    }
                    try file.write(UnsafeBufferPointer(row), atRow: firstRow + rows[position])
                }
            }
        }
    }
}
