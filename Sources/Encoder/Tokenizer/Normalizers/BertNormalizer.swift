/// BERT's text normalisation, as Hugging Face's `BertNormalizer` does it: cleaning, ideographs set apart, accents
/// stripped after canonical decomposition, lower case scalar by scalar (no context, so no final sigma).
struct BertNormalizer: Hashable, Sendable {
    var cleansText = true
    var separatesIdeographs = true
    /// nil: as `lowercases`.
    var stripsAccents: Bool?
    var lowercases = true

    /// Runs over a text and hands out the scalars of the normalised one.
    ///
    /// A value is used for one text, by one thread.
    struct Pass {
        private let tables = UnicodeTables.shared
        private let cleansText: Bool
        private let separatesIdeographs: Bool
        private let stripsAccents: Bool
        private let lowercases: Bool
        /// Marks waiting to be put into canonical order: class, scalar.
        private var waiting: [(order: UInt8, scalar: UInt32)] = []

        init(_ normalizer: BertNormalizer) {
            cleansText = normalizer.cleansText
            separatesIdeographs = normalizer.separatesIdeographs
            stripsAccents = normalizer.stripsAccents ?? normalizer.lowercases
            lowercases = normalizer.lowercases
        }

        @inline(__always)
        mutating func run(_ utf8: UnsafeBufferPointer<UInt8>, emit: (UInt32) -> Void) {
            var position = 0
            while position < utf8.count {
                let byte = utf8[position]
                if byte >= 0x20 && byte < 0x7F && waiting.isEmpty {
                    // Printable ASCII has no marks and nothing to clean.
                    position += 1
                    let isUpper = lowercases && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                    emit(UInt32(isUpper ? byte | 0x20 : byte))
                } else {
                    clean(UTF8Text.next(utf8, &position), emit: emit)
                }
            }
            release(emit: emit)
        }

        private mutating func clean(_ scalar: UInt32, emit: (UInt32) -> Void) {
            let flags = tables.flags[scalar]
            if cleansText {
                if flags.contains(.removed) { return }
                if flags.contains(.space) { return order(0x20, tables.flags[0x20], emit: emit) }
            }
            if separatesIdeographs && flags.contains(.ideograph) {
                order(0x20, tables.flags[0x20], emit: emit)
                order(scalar, flags, emit: emit)
                order(0x20, tables.flags[0x20], emit: emit)
            } else {
                order(scalar, flags, emit: emit)
            }
        }

        /// Canonical decomposition and ordering without nonspacing marks.
        private mutating func order(_ scalar: UInt32, _ flags: ScalarFlags, emit: (UInt32) -> Void) {
            guard stripsAccents else { return lower(scalar, flags, emit: emit) }
            if flags.contains(.decomposed) {
                let offset = Int(tables.decomposition[scalar])
                for index in 0..<Int(tables.decompositionTargets[offset]) {
                    let target = tables.decompositionTargets[offset + 1 + index]
                    keep(target, tables.flags[target], emit: emit)
                }
            } else if scalar >= 0xAC00 && scalar < 0xD7A4 {
                let index = scalar - 0xAC00
                keep(0x1100 + index / 588, [], emit: emit)
                keep(0x1161 + index % 588 / 28, [], emit: emit)
                if index % 28 != 0 { keep(0x11A7 + index % 28, [], emit: emit) }
            } else {
                keep(scalar, flags, emit: emit)
            }
        }

        private mutating func keep(_ scalar: UInt32, _ flags: ScalarFlags, emit: (UInt32) -> Void) {
            if flags.contains(.nonspacing) {
                // Marks of class 0 keep others from moving across them, even though they are stripped themselves.
                if flags.contains(.reordered) { release(emit: emit) }
                return
            }
            if flags.contains(.reordered) {
                let order = tables.combiningClass[scalar]
                let place = waiting.firstIndex { $0.order > order } ?? waiting.count
                waiting.insert((order, scalar), at: place)
                return
            }
            release(emit: emit)
            lower(scalar, flags, emit: emit)
        }

        private mutating func release(emit: (UInt32) -> Void) {
            if waiting.isEmpty { return }
            for mark in waiting { lower(mark.scalar, tables.flags[mark.scalar], emit: emit) }
            waiting.removeAll(keepingCapacity: true)
        }

        private func lower(_ scalar: UInt32, _ flags: ScalarFlags, emit: (UInt32) -> Void) {
            guard lowercases && flags.contains(.lowercased) else { return emit(scalar) }
            if scalar == 0x130 {
                emit(0x69)
                emit(0x307)
            } else {
                emit(UInt32(bitPattern: Int32(bitPattern: scalar) &+ tables.lowercaseDifference[scalar]))
            }
        }
    }
}
