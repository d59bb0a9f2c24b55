import Encoder
import Fingerprinting
import Store

/// Which sequences a run needs, where their vectors are or will be, and in which order the missing ones are encoded.
///
/// `locations` is freed with the plan's storage object; copies of the struct share it.
struct EncodingPlan: @unchecked Sendable {
    /// What tokenisation gives: the numbers are positions in the list of inputs.
    struct Tokenized {
        var pool = SequencePool()
        var collections: [(number: Int, plan: CollectionPlan)] = []
    }

    /// Collections encoded and published together.
    struct Unit: Sendable {
        let name: String
        /// Indices into `collections`.
        var collections: [Int]
        /// Sequences this unit is the first to need and that have to be encoded, window after window in the order of
        /// the rows that need them; in a window the longest first, then by digest.
        var sequences: [UInt32] = []
    }

    /// Memory shared by the crew (which fills it in) and the plan.
    private final class LocationTable {
        let table: UnsafeMutableBufferPointer<VectorLocation>

        init(count: Int) {
            table = .allocate(capacity: count)
            table.initialize(repeating: .unknown)
        }

        deinit { table.deallocate() }
    }

    let pool: SequencePool
    let collections: [(number: Int, plan: CollectionPlan)]
    private(set) var units: [Unit]
    private let locationTable: LocationTable
    /// Per collection: sequences it is the first to need, and rows whose vectors existed before.
    private var encoded: [Int]
    private var reused: [Int]

    init(_ tokenized: Tokenized, unitOf: (CollectionInput) -> String) throws {
        pool = tokenized.pool
        collections = tokenized.collections
        locationTable = LocationTable(count: pool.count)
        encoded = Array(repeating: 0, count: collections.count)
        reused = encoded
        units = []
        for (index, collection) in collections.enumerated() {
            let name = unitOf(collection.plan.input)
            if let unit = units.firstIndex(where: { $0.name == name }) {
                units[unit].collections.append(index)
            } else {
                units.append(Unit(name: name, collections: [index]))
            }
        }
    }

    /// Of every sequence of the pool.
    var locations: UnsafeMutableBufferPointer<VectorLocation> { locationTable.table }

    /// Sequences sorted together. Enough of them have neighbours of their own length to be encoded with; and what is
    /// needed for neighbouring rows lies together in the spool, so that a part of a layer is read from a part of it.
    static let usualWindow = 1 << 17

    /// Gives every sequence that has no location to the first unit that needs it.
    mutating func divideIntoUnits(window: Int = usualWindow) {
        var owned = [Bool](repeating: false, count: pool.count)
        for unit in units.indices {
            var sequences: [UInt32] = []
            for index in units[unit].collections {
                let before = sequences.count
                for sequence in collections[index].plan.rowSequences {
                    if locations[Int(sequence)] != .unknown {
                        reused[index] += 1
                    } else if !owned[Int(sequence)] {
                        owned[Int(sequence)] = true
                        sequences.append(sequence)
                    }
                }
                encoded[index] = sequences.count - before
            }
            for start in stride(from: 0, to: sequences.count, by: window) {
                sort(&sequences[start..<min(start + window, sequences.count)])
            }
            units[unit].sequences = sequences
        }
    }

    private func sort(_ sequences: inout ArraySlice<UInt32>) {
        sequences.sort { a, b in
            let (a, b) = (Int(a), Int(b))
            let (first, second) = (pool.length(at: a), pool.length(at: b))
            return first != second ? first > second : pool.digests[a] < pool.digests[b]
        }
    }

    /// After publication the rows of a collection are a better source than the spool, which can then go.
    func relocate(_ index: Int, to source: Int, from spool: Int?) {
        guard let spool else { return }
        for (row, sequence) in collections[index].plan.rowSequences.enumerated()
        where locations[Int(sequence)].source == spool {
            locations[Int(sequence)] = VectorLocation(source: source, row: row)
        }
    }

    /// Operations by sequence length; 0 for lengths that do not occur.
    func operations(_ engine: any EncodingEngine, upToLayer layer: Int) -> [Double] {
        var result: [Double] = []
        for unit in units {
            for sequence in unit.sequences {
                let length = pool.length(at: Int(sequence))
                while result.count <= length { result.append(-1) }
                if result[length] < 0 { result[length] = engine.operations(length: length, upToLayer: layer) }
            }
        }
        return result.map { max($0, 0) }
    }

    func totalOperations(_ operations: [Double]) -> Double {
        units.reduce(0) { $1.sequences.reduce($0) { $0 + operations[pool.length(at: Int($1))] } }
    }

    func report(_ index: Int, bytesWritten: Int) -> BuildReport.Collection {
        let plan = collections[index].plan
        return BuildReport.Collection(
            name: plan.input.name, entries: plan.input.entryCount, rows: plan.rows, encoded: encoded[index],
            reused: reused[index], skipped: plan.skipped, truncated: plan.truncated, bytesWritten: bytesWritten,
            upToDate: false)
    }
}

/// One collection that has to be (partly) built: which row stands for which text and token sequence.
struct CollectionPlan: Sendable {
    let input: CollectionInput
    /// nil for the paper's.
    let pooling: SentenceConvention?
    /// Layers the store lacks, ascending.
    let missingLayers: [Int]
    /// Text of each row, ascending.
    let rowTexts: [UInt32]
    /// Sequence of each row, a position in the `SequencePool`.
    let rowSequences: [UInt32]
    /// Texts without a vector, by reason.
    let skipped: [String: Int]
    let truncated: Int

    var rows: Int { rowTexts.count }

    /// Fingerprint of the rows' texts and ranks, in order.
    var list: Fingerprint {
        let list = TextListFingerprint(rows: rows)
        for row in 0..<rows { withRow(row) { list.append($0, rank: $1) } }
        return list.finish()
    }
}

extension CollectionPlan: RowTexts {
    func withRow<Result>(
        _ row: Int, _ body: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Result
    ) rethrows -> Result {
        let text = Int(rowTexts[row])
        return try input.texts.withBytes(at: text) { try body($0, input.rank(at: text)) }
    }
}

extension EncodingPlan {
    /// Collections whose sequences are encoded together: each vocabulary alone, so that it can be asked as soon as
    /// possible; all sentence sets at once, for they are many and small.
    static func unitName(_ input: CollectionInput) -> String { input.kind == .words ? input.name : "sentences" }

    /// Spools and layer files, generously: two units' spools exist at a time (all of them for a codec whose files
    /// cannot serve as source), and the catalogue holds every text twice.
    func neededBytes(_ shape: VectorShape, codec: Codec) -> Int {
        let spools = units.map { $0.sequences.count * (shape.sequenceBytes + 16) }
        let two = zip(spools, spools.dropFirst() + [0]).map(+).max() ?? 0
        let spoolBytes = VectorReuse.canServe(codec, shape.element) ? two : spools.reduce(0, +)
        let files = collections.reduce(0) { sum, collection in
            let missing = collection.plan.missingLayers.count
            return sum + missing * collection.plan.rows * codec.rowBytes(dimension: shape.dimension)
                + 3 * collection.plan.input.texts.byteCount + 150 * collection.plan.rows
        }
        return spoolBytes + files + 16_000_000
    }

    /// What is wrong when a layer does not go into memory that has to: a graph is built by FAISS over all vectors,
    /// which copies them. Other codecs are written part by part.
    func memoryProblem(_ shape: VectorShape, codec: Codec, limitBytes: Int) -> IndexerError? {
        guard codec.needsAllVectors else { return nil }
        for collection in collections.map(\.plan) {
            let needed = collection.rows * (shape.vectorBytes + codec.rowBytes(dimension: shape.dimension))
            if needed > limitBytes {
                return .notEnoughMemory(
                    collection: collection.input.name, rows: collection.rows, neededBytes: needed,
                    limitBytes: limitBytes)
            }
        }
        return nil
    }
}
