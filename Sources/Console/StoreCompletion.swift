import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// What a shell offers where a name from a store is typed: `--checkpoint`, `--to` and their like.
///
/// A command line that is being typed may be anything, and there is nowhere to put an error: a store that is missing or
/// cannot be read gives no candidates.
package enum StoreCompletion {
    /// A kind of completion that asks the store of the command line.
    /// - Parameter read: candidates from the words of the command line and the folder of its store.
    package static func kind(
        _ read: @escaping @Sendable (_ words: [String], _ store: String) throws -> [String]
    ) -> CompletionKind {
        .custom { words, _, _ in
            (try? read(words, value(of: "--store", in: words) ?? StoreOptions.defaultStore)) ?? []
        }
    }

    /// The last value of an option on a command line, as the shell would hand it over; nil when it has none.
    package static func value(of option: String, in words: [String]) -> String? {
        var found: String?
        for (place, word) in words.enumerated() {
            if word == option, place + 1 < words.count {
                // bash has "--store=x" as three words.
                let next = words[place + 1] == "=" && place + 2 < words.count ? words[place + 2] : words[place + 1]
                if !next.isEmpty { found = unquoted(next) }
            } else if word.hasPrefix(option + "=") {
                found = unquoted(String(word.dropFirst(option.count + 1)))
            }
        }
        return found
    }

    /// Words come with their quotes and escapes, and a leading ~ stands for the home folder.
    private static func unquoted(_ word: String) -> String {
        var output = "", quote: Character?, escaped = false
        for character in word {
            if escaped {
                output.append(character)
                escaped = false
            } else if character == "\\", quote != "'" {
                escaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else {
                output.append(character)
            }
        }
        guard word.hasPrefix("~/"), let home = getenv("HOME") else { return output }
        return String(cString: home) + output.dropFirst()
    }
}
