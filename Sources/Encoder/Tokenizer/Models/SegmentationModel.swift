/// Turns one part of a text into ids.
protocol SegmentationModel: Sendable {
    /// What stands for what the vocabulary does not have; nil where nothing can (byte-level BPE).
    var unknownToken: Int32? { get }

    /// How many pieces the library counts: different ones, but for Unigram all.
    var pieceCount: Int { get }

    /// Id of a whole piece.
    func id(of piece: [UInt8]) -> Int32?

    /// The pieces of some ids, as the vocabulary's file has them; without those no piece has.
    func pieces(of ids: Set<Int32>) -> [Int32: [UInt8]]

    /// Appends the pieces of a part.
    /// - Parameter word: valid UTF-8, not empty.
    func append(word: UnsafeBufferPointer<UInt8>, _ scratch: inout SegmentationScratch, to ids: inout [Int32])

    /// As above, cut another way by chance.
    func append(
        word: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, _ scratch: inout SegmentationScratch,
        to ids: inout [Int32])
}

/// Buffers the models keep between words, to save allocations.
struct SegmentationScratch {
    var lattice = UnigramModel.Lattice()
    var symbols = BytePairModel.Symbols()
}

/// Pieces that stand for one byte each: "<0x00>" to "<0xFF>".
enum ByteFallback {
    /// - Returns: ids by byte; nil for those the vocabulary does not have.
    static func ids(_ id: ([UInt8]) -> Int32?) -> [Int32?] {
        let digits = Array("0123456789ABCDEF".utf8)
        return (0..<256).map { byte in
            id(Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15], UInt8(ascii: ">")])
        }
    }
}

/// `WordLevel`: whole parts or nothing.
struct WordLevelModel: SegmentationModel {
    private let trie: PieceTrie
    let unknown: Int32
    var pieceCount: Int { trie.pieceCount }

    /// - Throws: `TokenizerError` for a missing unknown token or too large a vocabulary.
    init(_ pieces: PieceList, unknownToken: String, file: String) throws {
        trie = try PieceTrie(pieces, file: file)
        guard let unknown = trie.value(of: unknownToken.utf8) else {
            throw TokenizerError.missingToken(file: file, token: unknownToken)
        }
        self.unknown = unknown
    }

    var unknownToken: Int32? { unknown }

    func id(of piece: [UInt8]) -> Int32? { trie.value(of: piece) }

    func pieces(of ids: Set<Int32>) -> [Int32: [UInt8]] { trie.pieces(of: ids) }

    func append(word: UnsafeBufferPointer<UInt8>, _ scratch: inout SegmentationScratch, to ids: inout [Int32]) {
        ids.append(trie.value(of: word) ?? unknown)
    }

    /// There is no other way to cut what is not cut.
    func append(
        word: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, _ scratch: inout SegmentationScratch,
        to ids: inout [Int32]
    ) {
        append(word: word, &scratch, to: &ids)
    }
}

extension PieceTrie {
    /// All pieces of a vocabulary under one root; of equal ones the last counts, an empty one never matches.
    /// - Throws: `TokenizerError` for too large a vocabulary.
    init(_ pieces: PieceList, file: String) throws {
        self.init(byteCount: pieces.bytes.count)
        for index in 0..<pieces.count {
            if pieces[index].isEmpty {
                holdsEmptyPiece = true
                continue
            }
            guard insert(pieces[index], from: Self.root, value: pieces.ids[index]) != nil else {
                throw TokenizerError.tooLarge(
                    file: file, what: "the number of different beginnings of pieces", size: UInt64(nodeCount),
                    limit: UInt64(Self.nodeLimit))
            }
        }
    }
}
