import Diagnostics
import Lookup
import Server

/// What is wrong with a question, in the words of who asks over HTTP.
struct QuestionError: Diagnosable, Equatable {
    let message: String
    var exitStatus: ExitStatus { .usage }
    var description: String { message }
}

/// The parameters of a question. A name that the question does not have is an error: an answer never passes over what
/// was asked.
struct QuestionParameters {
    static let longestText = 2_000
    static let mostValues = 100

    private let request: Request

    init(_ request: Request, known: [String]) throws {
        self.request = request
        for parameter in request.parameters {
            guard known.contains(parameter.name) else {
                throw QuestionError(
                    message: "unknown parameter '\(parameter.name)'; there are: \(known.joined(separator: ", "))")
            }
            guard parameter.value.utf8.count <= Self.longestText else {
                throw QuestionError(message: "\(parameter.name): at most \(Self.longestText) bytes")
            }
        }
        guard request.parameters.count <= Self.mostValues else {
            throw QuestionError(message: "a question has at most \(Self.mostValues) parameters")
        }
    }

    /// Each once, in the order given.
    func texts(_ name: String) throws -> [String] {
        var found: [String] = []
        for value in request.values(name) where !found.contains(where: { $0.utf8.elementsEqual(value.utf8) }) {
            guard !value.isEmpty else { throw QuestionError(message: "\(name) is empty") }
            found.append(value)
        }
        return found
    }

    func text(_ name: String) throws -> String? {
        let found = try texts(name)
        guard found.count <= 1 else {
            throw QuestionError(message: "\(name): expected one value, found \(found.count)")
        }
        return found.first
    }

    func requiredText(_ name: String) throws -> String {
        guard let value = try text(name) else { throw QuestionError(message: "\(name) is missing") }
        return value
    }

    func number(_ name: String, in range: ClosedRange<Int>, otherwise: Int) throws -> Int {
        guard let text = try text(name) else { return otherwise }
        guard let number = Int(text), range.contains(number) else {
            throw QuestionError(
                message: "\(name): expected \(range.lowerBound) to \(range.upperBound), found '\(text)'")
        }
        return number
    }

    func choice(_ name: String, otherwise: Bool) throws -> Bool {
        switch try text(name) {
        case nil: otherwise
        case "true": true
        case "false": false
        case let other?: throw QuestionError(message: "\(name): expected true or false, found '\(other)'")
        }
    }

    func scoring() throws -> TranslationScoring {
        guard let text = try text("scoring") else { return .cosine }
        guard let scoring = TranslationScoring(rawValue: text) else {
            throw QuestionError(message: "scoring: expected cosine or csls, found '\(text)'")
        }
        return scoring
    }

    func native() throws -> NativeCandidates {
        guard let text = try text("native") else { return .own }
        guard let native = NativeCandidates(rawValue: text) else {
            throw QuestionError(message: "native: expected own, any or off, found '\(text)'")
        }
        return native
    }

    /// Counting takes seconds where nothing is kept, so it is done only for who asks for it.
    func hubs() throws -> HubCounting {
        guard let text = try text("hubs") else { return .stored }
        guard let counting = HubCounting(rawValue: text) else {
            throw QuestionError(message: "hubs: expected stored or count, found '\(text)'")
        }
        return counting
    }

    func layers() throws -> LayerChoice {
        guard let text = try text("layers") else { return .all }
        guard let choice = LayerChoice(argument: text) else {
            throw QuestionError(message: "layers: expected all, 0,6,12, 4-8 or 0-8:mean, found '\(text)'")
        }
        return choice
    }

    /// nil for "all".
    func layer() throws -> TranslationLayer.Request? {
        guard let text = try text("layer") else { return .best }
        if text == "all" { return nil }
        guard let request = TranslationLayer.Request(argument: text) else {
            throw QuestionError(message: "layer: expected a number, best or all, found '\(text)'")
        }
        return request
    }
}
