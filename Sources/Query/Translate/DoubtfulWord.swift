import Console
import Lexicon

/// A word that stands where an option's second value would: in `query translate dog --to fi de`, "de" is a word to
/// translate, and hardly meant as one.
struct DoubtfulWord: Equatable {
    let word: String
    let option: String
    let value: String

    var question: String {
        let word = DisplayWidth.printable(self.word)
        return switch option {
        case "--checkpoint":
            "'\(word)' is translated as a word; did you mean --checkpoint \(value) --checkpoint \(word)?"
        case "--from":
            "'\(word)' is translated as a word; did you mean a language? --from takes one"
        default:
            "'\(word)' is translated as a word; did you mean \(option) \(value),\(word)?"
        }
    }

    /// Words behind an option's value that are names of the kind the option takes.
    /// - Parameters:
    ///   - arguments: the command line, without the program's and the command's names.
    ///   - languages: those stored; a word is one when it means the same language.
    static func find(in arguments: [String], languages: [String], checkpoints: [String]) -> [DoubtfulWord] {
        var found: [DoubtfulWord] = []
        var option: (name: String, value: String?)?
        for argument in arguments {
            if argument == "--" { break }
            if argument.hasPrefix("--") {
                let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
                option = (parts[0], parts.count > 1 ? parts[1] : nil)
                continue
            }
            guard let current = option else { continue }
            guard let value = current.value else {
                option?.value = argument
                continue
            }
            let isName =
                switch current.name {
                case "--to", "--from": languages.contains { LanguageCode.areSame($0, argument) }
                case "--checkpoint": checkpoints.contains { $0.utf8.elementsEqual(argument.utf8) }
                default: false
                }
            if isName {
                found.append(DoubtfulWord(word: argument, option: current.name, value: value))
            } else {
                option = nil
            }
        }
        return found
    }
}
