import Diagnostics
import Files
import Fingerprinting
import Parallelism

/// Layout of a training state, all numbers little-endian:
///
/// "polytrn1"; base fingerprint (2 × u64); method (u64: 0 full, 1 adapter), reduction, seed; pending decay (f64);
/// number of used embedding rows, number of tensors, then each tensor's count (u64); the used rows' ids (i32); for each
/// segment of rows their values, first and second moments (f32); the same for each tensor; XXH3-128 of all before (2 ×
/// u64).
struct TrainingStateHeader: Equatable {
    static let magic: UInt64 = UInt64(littleEndian: 0x316e_7274_796c_6f70)  // "polytrn1" as bytes
    static let fixedWords = 9

    var base: Fingerprint
    var method: TrainingMethod
    var pendingDecay: Double
    var usedCount: Int
    var tensorCounts: [Int]

    var words: [UInt64] {
        var kind: UInt64 = 0, reduction: UInt64 = 0, seed: UInt64 = 0
        if case .adapter(let r, let s) = method {
            kind = 1
            reduction = UInt64(r)
            seed = s
        }
        return [
            Self.magic, base.high, base.low, kind, reduction, seed, pendingDecay.bitPattern, UInt64(usedCount),
            UInt64(tensorCounts.count),
        ] + tensorCounts.map { UInt64($0) }
    }

    /// Bytes of a whole file with C values per embedding row.
    func fileSize(rowSize C: Int) -> Int {
        words.count * 8 + usedCount * 4 + usedCount * C * 12 + tensorCounts.reduce(0, +) * 12 + 16
    }
}

extension TrainableTransformer {
    private var stateHeader: TrainingStateHeader {
        TrainingStateHeader(
            base: checkpoint.fingerprint, method: method, pendingDecay: embeddings.trainedWords?.pendingDecay ?? 1,
            usedCount: embeddings.trainedWords?.usedIds.count ?? 0, tensorCounts: trainedTensors.map(\.count))
    }

    /// Writes everything a later run needs to go on to the same bits: trained values, moments, used embedding rows.
    /// Gradients are not part of it: save between two steps. The file appears only when it is complete.
    /// - Throws: `SystemFault`; what stood under the name before is left alone.
    package func saveState(to path: String) throws {
        let file = try FingerprintedFile(path: path), C = configuration.hiddenSize
        for word in stateHeader.words { try file.append(word) }
        if let words = embeddings.trainedWords {
            try words.usedIds.withUnsafeBytes { try file.append($0) }
            for (index, segment) in words.segments.enumerated() {
                let count = words.rows(ofSegment: index) * C
                for part in [segment.value, segment.firstMoment, segment.secondMoment] {
                    try file.append(part.pointer, count: count)
                }
            }
        }
        for tensor in trainedTensors {
            for part in [tensor.value, tensor.firstMoment, tensor.secondMoment] {
                try file.append(part.pointer, count: tensor.count)
            }
        }
        try file.finish()
    }

    /// Goes back to a saved state; the model is untouched when the file is not one of this model's.
    /// - Throws: `CheckpointError.trainingState` (damaged, of another base checkpoint or method), `SystemFault`.
    package func restoreState(from path: String) throws {
        let file = try MappedFile(path: path), C = configuration.hiddenSize
        try file.withBytes { bytes in
            let header = try checkedHeader(bytes, path: path)
            var offset = header.words.count * 8
            func read(_ target: UnsafeMutableRawPointer, _ count: Int) {
                target.copyMemory(from: bytes.baseAddress! + offset, byteCount: count)
                offset += count
            }
            if let words = embeddings.trainedWords {
                var ids = [Int32](repeating: 0, count: header.usedCount)
                ids.withUnsafeMutableBytes { if let base = $0.baseAddress { read(base, header.usedCount * 4) } }
                try check(
                    Set(ids).count == ids.count && ids.allSatisfy { (0..<Int32(words.vocabularySize)).contains($0) },
                    path, "its list of embedding rows is not one of this vocabulary")
                words.reset(usedIds: ids, pendingDecay: header.pendingDecay)
                for (index, segment) in words.segments.enumerated() {
                    let count = words.rows(ofSegment: index) * C * 4
                    for part in [segment.value, segment.firstMoment, segment.secondMoment] { read(part.pointer, count) }
                }
            }
            for tensor in trainedTensors {
                for part in [tensor.value, tensor.firstMoment, tensor.secondMoment] {
                    read(part.pointer, tensor.count * 4)
                }
            }
        }
        zeroGradients()
        let linears = trainedLinears
        Parallel.forEach(linears.count, threads: threads) { _, index in
            linears[index].pack(0..<linears[index].outputSize)
        }
    }

    private func check(_ condition: Bool, _ path: String, _ reason: String) throws {
        guard condition else { throw CheckpointError.trainingState(path: path, reason: reason) }
    }

    private func checkedHeader(_ bytes: UnsafeRawBufferPointer, path: String) throws -> TrainingStateHeader {
        func word(_ index: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        let ours = stateHeader, fixed = TrainingStateHeader.fixedWords
        try check(bytes.count >= (fixed + ours.tensorCounts.count) * 8 + 16, path, "it has only \(bytes.count) bytes")
        try check(word(0) == TrainingStateHeader.magic, path, "it does not begin like one of this version")
        try check(
            word(1) == ours.base.high && word(2) == ours.base.low, path,
            "it belongs to another base checkpoint than \(checkpoint.folder)")
        var expected = ours
        expected.pendingDecay = Double(bitPattern: word(6))
        let used = word(7)
        try check(
            used <= UInt64(configuration.vocabularySize), path,
            "it names \(used) embedding rows of \(configuration.vocabularySize)")
        expected.usedCount = Int(used)
        let found = (0..<expected.words.count).map(word)
        try check(found == expected.words, path, "it was saved with another method than \(method)")
        let size = expected.fileSize(rowSize: configuration.hiddenSize)
        try check(bytes.count == size, path, "it has \(bytes.count) bytes, expected \(size)")
        let hash = Fingerprint.of(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<(size - 16)]))
        let stored = UnsafeRawBufferPointer(rebasing: bytes[(size - 16)...])
        let kept = Fingerprint(
            high: UInt64(littleEndian: stored.loadUnaligned(as: UInt64.self)),
            low: UInt64(littleEndian: stored.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        try check(hash == kept, path, "its checksum does not match its contents")
        return expected
    }
}

/// A `DurableFile` that ends with the hash of everything before it.
struct FingerprintedFile {
    private let file: DurableFile
    private let hash = FingerprintBuilder()

    /// - Throws: `SystemFault`, as everything here.
    init(path: String) throws { file = try DurableFile(path: path) }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        hash.combine(bytes: bytes)
        try file.append(bytes)
    }

    func append(_ floats: UnsafePointer<Float>, count: Int) throws {
        try append(UnsafeRawBufferPointer(start: floats, count: count * 4))
    }

    func append(_ number: UInt64) throws { try withUnsafeBytes(of: number.littleEndian) { try append($0) } }

    /// Appends the hash, makes the file durable and gives it its name.
    func finish() throws {
        let fingerprint = hash.finish()
        try append(fingerprint.high)
        try append(fingerprint.low)
        try file.finish()
    }
}
