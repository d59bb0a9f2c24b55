/// One row of a constraints table as bytes its reader lends until it reads on.
package struct ConstraintCells {
    /// Rows of the reader's `languages`.
    package let firstLanguageRow: Int
    package let secondLanguageRow: Int
    /// Nine cells in the order of `Constraint`'s properties; empty for columns the file does not have.
    private let values: UnsafeBufferPointer<UnsafeBufferPointer<UInt8>>

    init(
        firstLanguageRow: Int, secondLanguageRow: Int, values: UnsafeBufferPointer<UnsafeBufferPointer<UInt8>>
    ) {
        self.firstLanguageRow = firstLanguageRow
        self.secondLanguageRow = secondLanguageRow
        self.values = values
    }

    package var firstWord: UnsafeBufferPointer<UInt8> { values[1] }
    package var secondWord: UnsafeBufferPointer<UInt8> { values[3] }
    package var firstGlossLanguage: UnsafeBufferPointer<UInt8> { values[4] }
    package var firstGloss: UnsafeBufferPointer<UInt8> { values[5] }
    package var secondGlossLanguage: UnsafeBufferPointer<UInt8> { values[6] }
    package var secondGloss: UnsafeBufferPointer<UInt8> { values[7] }
    package var synset: UnsafeBufferPointer<UInt8> { values[8] }

    /// The row as a value of its own.
    package var constraint: Constraint {
        let texts = values.map { String(decoding: $0, as: UTF8.self) }
        return Constraint(
            firstLanguage: texts[0], firstWord: texts[1], secondLanguage: texts[2], secondWord: texts[3],
            firstGlossLanguage: texts[4], firstGloss: texts[5], secondGlossLanguage: texts[6], secondGloss: texts[7],
            synset: texts[8])
    }
}
