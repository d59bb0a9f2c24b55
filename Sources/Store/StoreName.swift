/// Which names checkpoints and collections may have: they become path components and parts of LMDB keys.
package enum StoreName {
    /// Bytes of one path component.
    static let longestComponent = 100
    /// Bytes of a whole collection name. With the checkpoint, two separators and two digits of a layer a key stays
    /// below LMDB's 511 bytes.
    static let longestCollection = 300

    /// One component: "mbert", "xlm-r.specialized".
    package static func check(checkpoint name: String) throws {
        if let reason = problem(checkpoint: name) {
            throw StoreError.nameNotAllowed(kind: "checkpoint", name: name, reason: reason)
        }
    }

    /// Components joined by "/": "words/fi".
    package static func check(collection name: String) throws {
        if let reason = problem(collection: name) {
            throw StoreError.nameNotAllowed(kind: "collection", name: name, reason: reason)
        }
    }

    /// Why a checkpoint cannot have this name; nil when it can.
    static func problem(checkpoint name: String) -> String? { problem(component: name[...]) }

    static func problem(collection name: String) -> String? {
        if name.utf8.count > longestCollection {
            return "it has \(name.utf8.count) bytes, at most \(longestCollection) are allowed"
        }
        for component in name.split(separator: "/", omittingEmptySubsequences: false) {
            if let reason = problem(component: component) { return reason }
        }
        return nil
    }

    /// What is wrong with the names in a record that was read: they become paths, whoever wrote them.
    static func problem(checkpoint: String, collection: String) -> (expected: String, found: String)? {
        if let reason = problem(checkpoint: checkpoint) {
            return ("a name a checkpoint can have", "'\(checkpoint)': \(reason)")
        }
        if let reason = problem(collection: collection) {
            return ("a name a collection can have", "'\(collection)': \(reason)")
        }
        return nil
    }

    private static func problem(component: Substring) -> String? {
        if component.isEmpty { return "it is empty, or has an empty part between slashes" }
        if component.utf8.count > longestComponent {
            return "a part of it has \(component.utf8.count) bytes, at most \(longestComponent) are allowed"
        }
        // A leading dot would hide the folder, or be "." or ".."; a leading dash would read as an option.
        if component.hasPrefix(".") || component.hasPrefix("-") {
            return "a part of it begins with '\(component.prefix(1))'"
        }
        for scalar in component.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "+", "@", "=", ",": continue
            default:
                let code = String(scalar.value, radix: 16, uppercase: true)
                return "U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code) is not allowed; "
                    + "use letters a–z, A–Z, digits and - _ . + @ = ,"
            }
        }
        return nil
    }
}
