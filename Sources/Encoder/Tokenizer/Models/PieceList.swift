/// The pieces of a vocabulary as they stand in its file: bytes back to back, no String for each.
struct PieceList: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    private(set) var ids: [Int32] = []
    /// Log probabilities; empty for WordPiece.
    private(set) var scores: [Double] = []

    var count: Int { ends.count }

    mutating func append(_ piece: some Collection<UInt8>, id: Int32) {
        bytes.append(contentsOf: piece)
        ends.append(bytes.count)
        ids.append(id)
    }

    mutating func append(_ piece: some Collection<UInt8>, id: Int32, score: Double) {
        append(piece, id: id)
        scores.append(score)
    }

    /// One more than the highest id.
    var idCount: Int { Int(ids.max() ?? -1) + 1 }

    subscript(index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    /// Id of a piece, the last one of equal ones; a linear search, for the few special tokens of a vocabulary.
    func id(of piece: String) -> Int32? {
        (0..<count).last { self[$0].elementsEqual(piece.utf8) }.map { ids[$0] }
    }

    func text(_ index: Int) -> String { UTF8Text.string(self[index]) }
}
