/// `Metaspace`: spaces become a visible mark, which begins a part.
struct MetaspacePreTokenizer: PreTokenizer {
    enum Prepending: String, Sendable {
        case always, first, never
    }

    /// The mark, one character, in UTF-8: "▁".
    let mark: [UInt8]
    let prepending: Prepending
    /// Whether a mark begins a new part.
    let splits: Bool

    func cut(_ text: inout PreTokenizedText) {
        let (first, count) = (mark[0], mark.count)
        text.rewriteCutting { part, isFirst, output, cuts in
            let begins = part[0] == 0x20 || part.starts(with: mark)
            if !begins && (prepending == .always || prepending == .first && isFirst) {
                output.append(contentsOf: mark)
            }
            var position = 0
            while position < part.count {
                let byte = part[position]
                if byte == 0x20 {
                    cuts.append(output.count)
                    output.append(contentsOf: mark)
                    position += 1
                } else if byte == first && part[position...].starts(with: mark) {
                    cuts.append(output.count)
                    output.append(contentsOf: mark)
                    position += count
                } else {
                    output.append(byte)
                    position += 1
                }
            }
            if !splits { cuts.removeAll(keepingCapacity: true) }
        }
    }
}
