import ArgumentParser
import Diagnostics

/// What a command line that could not be parsed was probably meant to be.
///
/// The argument parser knows of unknown options only, and of these only when no required one is missing; it takes a
/// mistyped command for an argument.
enum MistypedName {
    /// A sentence for the person who typed it; nil when every command and option is one there is, or nothing is near.
    /// - Parameter arguments: without the program's name.
    static func remark<Root: ParsableCommand>(_ root: Root.Type, arguments: [String]) -> String? {
        var command: any ParsableCommand.Type = root, path = [root._commandName], rest = arguments[...]
        while !command.configuration.subcommands.isEmpty, let word = rest.first, !word.hasPrefix("-") {
            let below = command.configuration.subcommands
            guard let next = below.first(where: { $0._commandName == word }) else {
                if word == "help" { return nil }
                let near = nearest(word, among: below.map { $0._commandName })
                return near.map { "Did you mean '\((path + [$0]).joined(separator: " "))'?" }
                    ?? "'\(word)' is no command of \(path.joined(separator: " "))."
            }
            command = next
            path.append(word)
            rest.removeFirst()
        }
        let known = options(of: command, root: root)
        for word in rest {
            if word == "--" { break }
            guard word.hasPrefix("--"), let name = word.split(separator: "=").first.map(String.init),
                !known.contains(name)
            else { continue }
            return nearest(name, among: known).map {
                "'\(name)' is no option of \(path.joined(separator: " ")). Did you mean '\($0)'?"
            }
        }
        return nil
    }

    /// What is typed in part is near, too, when it begins one name alone.
    private static func nearest(_ name: String, among known: [String]) -> String? {
        if let near = NearestName.of(name, among: known) { return near }
        let begun = known.filter { $0.hasPrefix(name) }
        return begun.count == 1 && name.utf8.count >= 4 ? begun[0] : nil
    }

    /// Names of the options of a command as its help has them, hidden ones too, in its order.
    private static func options<Root: ParsableCommand>(
        of command: any ParsableCommand.Type, root: Root.Type
    ) -> [String] {
        var names: [String] = []
        for line in root.helpMessage(for: command, includeHidden: true, columns: 1000).split(separator: "\n")
        where line.hasPrefix("  -") {
            let words = line.split(whereSeparator: { " ,/=".contains($0) })
            names += words.prefix { $0.hasPrefix("-") }.filter { $0.hasPrefix("--") }.map(String.init)
        }
        return names
    }
}
