import ArgumentParser

/// "mbert=models/mbert": a name and a path on the command line.
struct NamedPath: ExpressibleByArgument, Hashable, Sendable {
    let name: String
    let path: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex,
            argument.index(after: equals) != argument.endIndex
        else { return nil }
        name = String(argument[..<equals])
        path = String(argument[argument.index(after: equals)...])
    }
}
