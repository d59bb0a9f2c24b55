import Files

/// A step of a `tokenizer.json` (a normalizer, a pre-tokenizer, a post-processor), with its place for error messages.
struct StepDescription {
    let value: JSONValue
    /// "key normalizer.normalizers.1"
    let place: String
    let file: String

    /// The name the file gives; nil in files of the library's first releases, where the members tell the kind.
    var type: String? { value["type"]?.string }

    func has(_ key: String) -> Bool { value[key] != nil }

    func malformed(_ key: String, _ expected: String) -> TokenizerError {
        .malformed(
            file: file, place: "\(place).\(key)", expected: expected, found: value[key]?.kind ?? "nothing")
    }

    /// - Parameter fallback: what an absent key or null stands for; nil: it must be there.
    func bool(_ key: String, or fallback: Bool?) throws -> Bool {
        let stated = value[key]
        if let flag = stated?.bool { return flag }
        guard stated == nil || stated?.isNull == true, let fallback else { throw malformed(key, "true or false") }
        return fallback
    }

    func string(_ key: String) throws -> String {
        guard let text = value[key]?.string else { throw malformed(key, "a string") }
        return text
    }

    /// The steps of a `Sequence`, each with its place.
    func steps(_ key: String) throws -> [StepDescription] {
        guard let values = value[key]?.array else { throw malformed(key, "an array") }
        return values.enumerated().map { index, value in
            StepDescription(value: value, place: "\(place).\(key).\(index)", file: file)
        }
    }

    /// A `Split`'s or `Replace`'s pattern: a string to be found as it is, or a regular expression.
    enum Pattern {
        case string([UInt8])
        case expression(String)
    }

    func pattern() throws -> Pattern {
        if let text = value["pattern"]?["String"]?.string { return .string(Array(text.utf8)) }
        if let text = value["pattern"]?["Regex"]?.string { return .expression(text) }
        throw malformed("pattern", #"{"String": …} or {"Regex": …}"#)
    }

    func expression(_ text: String) throws -> RegularExpression {
        do {
            return try RegularExpression(text)
        } catch let fault as RegularExpression.Fault {
            throw TokenizerError.malformed(
                file: file, place: "\(place).pattern", expected: "a regular expression",
                found: "'\(text.prefix(80))' (\(fault.reason))")
        }
    }

    func unsupported(_ kind: String, supported: String) -> TokenizerError {
        .unsupported(
            file: file, found: "the \(kind) \(type.map { "'\($0)'" } ?? value.kind) (\(place))", supported: supported)
    }
}
