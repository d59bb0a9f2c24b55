/// A convention as a record keeps it: names and values, without a folder.
extension SentenceConvention {
    /// What its vectors' directions depend on; `isNormalized` is not among it, for a store normalises all vectors.
    package var fields: [String: String] {
        var fields = ["mode": mode.rawValue]
        if !prompt.isEmpty {
            fields["prompt"] = prompt
            if !includesPrompt { fields["prompt_pooled"] = "no" }
        }
        if excludesSpecialTokens { fields["special_tokens"] = "no" }
        if let maximumLength { fields["maximum_length"] = String(maximumLength) }
        return fields
    }

    /// Reads `fields` back.
    /// - Returns: nil for anything this version does not write.
    package init?(fields: [String: String]) {
        guard let mode = fields["mode"].flatMap(Mode.init(rawValue:)) else { return nil }
        self.init(mode: mode)
        prompt = fields["prompt"] ?? ""
        includesPrompt = fields["prompt_pooled"] == nil
        excludesSpecialTokens = fields["special_tokens"] != nil
        if let length = fields["maximum_length"] {
            guard let length = Int(length), length >= 3 else { return nil }
            maximumLength = length
        }
        guard self.fields == fields else { return nil }
    }

    /// "mean, prompt \"query: \", 512 tokens"
    package static func text(_ fields: [String: String]) -> String {
        var parts = [fields["mode"] ?? "unknown"]
        if fields["special_tokens"] != nil { parts.append("own tokens") }
        if let prompt = fields["prompt"] {
            parts.append("prompt \"\(prompt)\"" + (fields["prompt_pooled"] == nil ? "" : " not pooled"))
        }
        if let length = fields["maximum_length"] { parts.append("\(length) tokens") }
        return parts.joined(separator: ", ")
    }
}
