/// A convention as a record keeps it: names and values, without a folder.
extension SentenceConvention {
    /// What its vectors' directions depend on; `isNormalized` is not among it, for a store normalises all vectors.
    package var fields: [String: String] {
        var fields = ["mode": mode.rawValue]
        if !prompt.isEmpty {
            fields["prompt"] = prompt
            if !includesPrompt { fields["prompt_pooled"] = "no" }
        }
        if lowercases { fields["lower_case"] = "yes" }
        if excludesSpecialTokens { fields["special_tokens"] = "no" }
        if let maximumLength { fields["maximum_length"] = String(maximumLength) }
        if let dense { fields["dense"] = dense.fingerprint.hex }
        return fields
    }

    /// Reads `fields` back.
    /// - Parameter dense: the modules whose fingerprint is among them, of the folder the record is of.
    /// - Returns: nil for anything this version does not write, and for other modules.
    package init?(fields: [String: String], dense: DenseModules? = nil) {
        guard let mode = fields["mode"].flatMap(Mode.init(rawValue:)) else { return nil }
        self.init(mode: mode)
        prompt = fields["prompt"] ?? ""
        includesPrompt = fields["prompt_pooled"] == nil
        lowercases = Self.lowercases(fields)
        excludesSpecialTokens = fields["special_tokens"] != nil
        if let length = fields["maximum_length"] {
            guard let length = Int(length), length >= 3 else { return nil }
            maximumLength = length
        }
        self.dense = dense
        guard self.fields == fields else { return nil }
    }

    /// Whether vectors with these fields went through Dense modules.
    package static func hasDense(_ fields: [String: String]) -> Bool { fields["dense"] != nil }

    /// Whether texts with these fields were lower-cased.
    package static func lowercases(_ fields: [String: String]) -> Bool { fields["lower_case"] != nil }

    /// "mean, prompt \"query: \", 512 tokens"
    package static func text(_ fields: [String: String]) -> String {
        var parts = [fields["mode"] ?? "unknown"]
        if fields["special_tokens"] != nil { parts.append("own tokens") }
        if lowercases(fields) { parts.append("lower-cased") }
        if let prompt = fields["prompt"] {
            parts.append("prompt \"\(prompt)\"" + (fields["prompt_pooled"] == nil ? "" : " not pooled"))
        }
        if let length = fields["maximum_length"] { parts.append("\(length) tokens") }
        if let dense = fields["dense"] { parts.append("Dense \(dense.prefix(12))") }
        return parts.joined(separator: ", ")
    }
}
