import Evaluation
import Lexicon
import Store

/// The distinct words of similarity files, with a vector each: stored rows where a vocabulary has the word at every
/// layer wanted, freshly encoded ones elsewhere.
///
/// Whether a word is stored depends on its file's languages alone, never on the other files that are open: a result
/// that is kept is the one its file would have by itself. Texts that are encoded are one whatever language they are in:
/// the encoder sees no language.
struct WordVectors {
    private let checkpoint: StoredCheckpoint
    /// Values of a word's vector: with Dense modules not always the hidden size.
    let dimension: Int
    /// Where the vector of a word comes from.
    private var places: [Place] = []
    /// Words by the row they are stored in, by collection.
    private var storedNumbers: [String: [Int: Int]] = [:]
    /// Distinct texts to encode, and their words.
    private var encodedTexts = TextIndex(), encodedNumbers: [Int] = []
    private var numbers: [String: (first: [Int], second: [Int])] = [:]

    private enum Place {
        case stored(collection: String, row: Int)
        case encoded(Int)
    }

    init(files: [SimilarityPairs], checkpoint: StoredCheckpoint, layers: [Int]) throws {
        self.checkpoint = checkpoint
        dimension = try checkpoint.wordDimension()
        // Which collections can be read at all layers wanted.
        var usable: [String: (collection: String, texts: TextList)?] = [:]
        for language in Set(files.flatMap { [$0.firstLanguage, $0.secondLanguage] }).sorted() {
            guard let words = checkpoint.words(language) else { continue }
            let stored = try checkpoint.layers(of: words).map(\.layer)
            guard layers.allSatisfy(stored.contains) else { continue }
            usable[language] = (words.collection, checkpoint.texts(of: words))
        }
        for file in files {
            let first = try add(file.first, from: usable[file.firstLanguage] ?? nil)
            let second = try add(file.second, from: usable[file.secondLanguage] ?? nil)
            numbers[file.path] = (first, second)
        }
    }

    private mutating func add(
        _ table: TextTable, from stored: (collection: String, texts: TextList)?
    ) throws -> [Int] {
        try (0..<table.count).map { row in
            if let stored, let found = try table.withBytes(at: row, { try stored.texts.row(of: $0) }) {
                if let known = storedNumbers[stored.collection]?[found] { return known }
                storedNumbers[stored.collection, default: [:]][found] = places.count
                places.append(.stored(collection: stored.collection, row: found))
                return places.count - 1
            }
            let (text, isNew) = table.withBytes(at: row) { encodedTexts.insert($0) }
            if isNew {
                encodedNumbers.append(places.count)
                places.append(.encoded(text))
            }
            return encodedNumbers[text]
        }
    }

    var count: Int { places.count }
    var toEncode: Int { encodedNumbers.count }
    var stored: Int { count - toEncode }

    func number(_ file: SimilarityPairs, _ row: Int, first: Bool) -> Int {
        guard let both = numbers[file.path] else { preconditionFailure("\(file.path) was not given") }
        return first ? both.first[row] : both.second[row]
    }

    /// Distinct words of a file that are not stored.
    func encodedWords(of file: SimilarityPairs) -> Int {
        guard let both = numbers[file.path] else { return 0 }
        return Set(both.first + both.second).count {
            if case .encoded = places[$0] { return true } else { return false }
        }
    }

    /// Encodes what is not stored; nil when everything is, and then no model is loaded.
    func encode(
        layers: [Int], threads: Int, progress: @escaping @Sendable (Int) throws -> Void
    ) throws -> EncodedTexts? {
        if encodedNumbers.isEmpty { return nil }
        let table = encodedTexts.table
        return try TextEncoder(
            checkpoint.record, highestLayer: layers.last ?? 0, pooling: checkpoint.wordPooling()
        ).encode(
            (0..<table.count).map { Array(table.bytes(at: $0)) }, layers: layers, threads: threads, progress: progress)
    }

    /// The vectors of one layer, normalised.
    func matrix(layer: Int, encoded: EncodedTexts?, position: Int) throws -> Matrix {
        var rowOf = [Int?](repeating: nil, count: places.count)
        var fromStore: [String: [(number: Int, row: Int)]] = [:]
        var fresh: [(number: Int, text: Int)] = []
        for (number, place) in places.enumerated() {
            switch place {
            case .stored(let collection, let row): fromStore[collection, default: []].append((number, row))
            case .encoded(let text): if encoded?.missing[text] == nil { fresh.append((number, text)) }
            }
        }
        let total = fresh.count + fromStore.values.reduce(0) { $0 + $1.count }
        let vectors = try VectorMatrix(
            name: "\(checkpoint.name) layer \(layer)", rows: total, dimension: dimension
        ) { output in
            var next = 0
            for collection in fromStore.keys.sorted() {
                let wanted = fromStore[collection] ?? []
                guard let record = checkpoint.collections.first(where: { $0.collection == collection }) else {
                    continue
                }
                let rows = try checkpoint.rows(of: checkpoint.layer(layer, of: record))
                try requireDimension(of: rows.name, rows.dimension)
                try rows.decode(rows: wanted.map(\.row), into: output + next * dimension)
                for entry in wanted {
                    rowOf[entry.number] = next
                    next += 1
                }
            }
            if let encoded { try requireDimension(of: "a word that is not stored", encoded.dimension) }
            for entry in fresh {
                guard let encoded else { continue }
                (output + next * dimension).update(
                    from: encoded.row(layer: position, text: entry.text), count: dimension)
                rowOf[entry.number] = next
                next += 1
            }
        }
        return Matrix(vectors: vectors, rowOf: rowOf)
    }

    private func requireDimension(of name: String, _ found: Int) throws {
        guard found == dimension else {
            throw EvaluationError.dimensionMismatch(
                first: name, firstDimension: found, second: "the stored words of \(checkpoint.name)",
                secondDimension: dimension)
        }
    }

    /// Layers' vectors added up, for their mean: unit rows, in the order they are added (as `AveragedRows`).
    struct Sum {
        private var total: [Float] = []
        private var rowOf: [Int?] = []
        private var dimension = 0

        /// - Parameter matrix: of the same words as those added before.
        mutating func add(_ matrix: Matrix) {
            let vectors = matrix.vectors
            if total.isEmpty {
                total = [Float](repeating: 0, count: vectors.rowCount * vectors.dimension)
                (rowOf, dimension) = (matrix.rowOf, vectors.dimension)
            }
            for row in 0..<vectors.rowCount {
                let values = vectors.row(row)
                for c in 0..<dimension { total[row * dimension + c] += values[c] }
            }
        }

        func matrix(name: String) throws -> Matrix {
            let vectors = try VectorMatrix(
                name: name, rows: total.count / max(dimension, 1), dimension: max(dimension, 1)
            ) {
                $0.update(from: total, count: total.count)
            }
            return Matrix(vectors: vectors, rowOf: rowOf)
        }
    }

    struct Matrix {
        fileprivate let vectors: VectorMatrix
        fileprivate let rowOf: [Int?]

        /// Cosine of two words; nil when one has no vector.
        func cosine(_ first: Int, _ second: Int) -> Double? {
            guard let a = rowOf[first], let b = rowOf[second] else { return nil }
            return vectors.innerProduct(a, b)
        }
    }
}
