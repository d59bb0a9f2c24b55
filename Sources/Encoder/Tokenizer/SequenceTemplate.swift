import Files

/// How ids become a sequence with special tokens, as a tokenizer.json's post-processor states it.
struct SequenceTemplate: Hashable, Sendable {
    let start: Int32
    let separator: Int32
    let pairSeparators: Int
    let secondSegmentType: Int32

    static let supported = "TemplateProcessing, BertProcessing and RobertaProcessing with [CLS] a [SEP] b [SEP]"

    /// - Returns: nil when the value is none of the supported shapes.
    init?(_ value: JSONTree) {
        switch value["type"]?.string {
        case "BertProcessing", "RobertaProcessing":
            func id(_ key: String) -> Int32? {
                guard let pair = value[key]?.array, pair.count == 2 else { return nil }
                return pair[1].integer.flatMap { Int32(exactly: $0) }
            }
            guard let start = id("cls"), let separator = id("sep") else { return nil }
            let isBert = value["type"]?.string == "BertProcessing"
            self.init(
                start: start, separator: separator, pairSeparators: isBert ? 1 : 2, secondSegmentType: isBert ? 1 : 0)
        case "TemplateProcessing":
            self.init(template: value)
        default:
            return nil
        }
    }

    init(start: Int32, separator: Int32, pairSeparators: Int, secondSegmentType: Int32) {
        self.start = start
        self.separator = separator
        self.pairSeparators = pairSeparators
        self.secondSegmentType = secondSegmentType
    }

    private init?(template: JSONTree) {
        enum Item: Equatable {
            case special(Int32)
            case sequence(String, type: Int)
        }
        func items(_ key: String) -> [Item]? {
            guard let elements = template[key]?.array else { return nil }
            var items: [Item] = []
            for element in elements {
                if let special = element["SpecialToken"], let name = special["id"]?.string,
                    let ids = template["special_tokens"]?[name]?["ids"]?.array, ids.count == 1,
                    let id = ids[0].integer.flatMap({ Int32(exactly: $0) })
                {
                    items.append(.special(id))
                } else if let sequence = element["Sequence"], let name = sequence["id"]?.string,
                    let type = sequence["type_id"]?.integer
                {
                    items.append(.sequence(name, type: type))
                } else {
                    return nil
                }
            }
            return items
        }
        guard let single = items("single"), let pair = items("pair"), single.count == 3,
            case .special(let start) = single[0], case .sequence("A", 0) = single[1],
            case .special(let separator) = single[2], pair.count >= 5, pair.first == single.first,
            pair[1] == single[1], case .sequence("B", let type) = pair[pair.count - 2], type == 0 || type == 1,
            pair.last == single.last, pair[2..<(pair.count - 2)].allSatisfy({ $0 == single[2] })
        else { return nil }
        self.init(
            start: start, separator: separator, pairSeparators: pair.count - 4, secondSegmentType: Int32(type))
    }
}
