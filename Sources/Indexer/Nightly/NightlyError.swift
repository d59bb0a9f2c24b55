import Diagnostics

/// What can be wrong with a night's configuration or its surroundings; the steps' own errors are their programs'.
enum NightlyError: Diagnosable, Equatable {
    /// A place in the configuration file; `key` is like "evaluations.bli[0].dictionaries", empty for the whole file.
    struct Place: Equatable, Sendable {
        let file: String
        let line: Int
        let key: String
    }

    /// The file is no YAML.
    case unreadable(file: String, line: Int?, problem: String)
    case unknownKey(Place, known: [String], near: String?)
    case wrongValue(Place, expected: String, found: String)
    case missingKey(Place, key: String, expected: String)
    case missingPath(Place, path: String, near: String?)
    /// What `indexer build` itself says of the options.
    case refused(Place, reason: String)
    /// The program that takes a step is not beside this one.
    case noProgram(path: String)
    case anotherNight(file: String)

    var exitStatus: ExitStatus {
        switch self {
        case .unreadable, .unknownKey, .wrongValue, .missingKey, .refused: .badInput
        case .missingPath, .noProgram: .missingInput
        case .anotherNight: .tryAgain
        }
    }

    var description: String {
        switch self {
        case .unreadable(let file, let line, let problem):
            "\(file):\(line.map { "\($0):" } ?? "") expected YAML, found: \(problem)"
        case .unknownKey(let place, let known, let near):
            "\(Self.text(place)): unknown key\(near.map { "; did you mean '\($0)'?" } ?? ";") known here: "
                + known.joined(separator: ", ")
        case .wrongValue(let place, let expected, let found):
            "\(Self.text(place)): expected \(expected), found \(found)"
        case .missingKey(let place, let key, let expected):
            "\(Self.text(place)): expected the key '\(key)' (\(expected)), found none"
        case .missingPath(let place, let path, let near):
            "\(Self.text(place)): \(path): no such file or folder"
                + (near.map { "; did you mean '\($0)'?" } ?? "; paths are relative to the configuration file's folder")
        case .refused(let place, let reason):
            "\(Self.text(place)): `indexer build` refuses this: \(reason)"
        case .noProgram(let path):
            "\(path): no such program; a night's steps are taken by the programs beside this one, install them together"
        case .anotherNight(let file):
            "\(file): another `indexer nightly` is at work with this file; run the same command again when it has ended"
        }
    }

    private static func text(_ place: Place) -> String {
        "\(place.file):\(place.line): \(place.key.isEmpty ? "the file" : place.key)"
    }
}
