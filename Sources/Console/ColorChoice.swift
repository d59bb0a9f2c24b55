import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// `--color`: whether what is best, wrong or only a remark is set off on a terminal.
package enum ColorChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// On a terminal that can, unless `NO_COLOR` is set (no-color.org).
    case auto
    case always, never

    /// What the command line says, the last value that is one; needed before it is parsed, because errors of parsing
    /// are coloured, too.
    package static func typed(_ arguments: [String]) -> ColorChoice {
        var choice = ColorChoice.auto
        for (place, word) in arguments.enumerated() {
            if word == "--" { break }
            if word == "--color", place + 1 < arguments.count {
                choice = ColorChoice(rawValue: arguments[place + 1]) ?? choice
            } else if word.hasPrefix("--color=") {
                choice = ColorChoice(rawValue: String(word.dropFirst("--color=".count))) ?? choice
            }
        }
        return choice
    }

    /// Whether to colour what is written to a descriptor, as this process was started.
    package static func colors(descriptor: Int32) -> Bool {
        func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        return typed(CommandLine.arguments).colors(
            isTerminal: isatty(descriptor) == 1 && !["", "dumb"].contains(variable("TERM")),
            noColor: variable("NO_COLOR"))
    }

    func colors(isTerminal: Bool, noColor: String) -> Bool {
        switch self {
        case .auto: isTerminal && noColor.isEmpty
        case .always: true
        case .never: false
        }
    }
}

/// How a text is set off from others on a terminal.
package enum TextStyle: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"

    /// The text between the style's escape sequence and the one that ends it; a style ends before a line does.
    package func applied(to text: String) -> String {
        text.isEmpty ? text : "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }
}
