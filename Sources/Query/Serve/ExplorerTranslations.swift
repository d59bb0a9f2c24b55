import Diagnostics
import Files
import Lookup
import Server
import Store

// `/api/translate`, asked by one client or by many at once.
extension ExplorerService {
    static let translationNames = [
        "word", "to", "from", "checkpoint", "layer", "top", "scoring", "keep_identical", "native", "encode",
    ]
    static let translationPath = "/api/translate"
    /// Words times languages times checkpoints times layers of one question.
    private static let mostAnswers = 1_000

    /// What a request has in common with those that ask the same of other words; nil for other questions.
    static func group(of request: Request) -> String? {
        guard request.path == translationPath else { return nil }
        return request.parameters.filter { $0.name != "word" }
            .map { "\($0.name.utf8.count) \($0.name)\($0.value.utf8.count) \($0.value)" }.joined()
    }

    /// Answers to requests of one group, in their order.
    /// - Throws: what keeps all of them from an answer.
    func translations(_ requests: [Request]) throws -> [Result<JSONValue, any Error>] {
        let questions = requests.map { request in
            Result { try QuestionParameters(request, known: Self.translationNames) }
        }
        return try views.answer { view in
            var asked = WordsAsked(questions)
            if let first = asked.questions.first { try answer(&asked, like: first, in: view) }
            return asked.answers
        }
    }

    /// - Parameter shared: a question of the group; all that is not the words.
    private func answer(_ asked: inout WordsAsked, like shared: QuestionParameters, in view: StoreView) throws {
        let targets = try shared.texts("to"), layer = try shared.layer()
        let encodes = try shared.choice("encode", otherwise: true)
        for checkpoint in try view.checkpoints(shared.texts("checkpoint"), results: layer == .best) {
            for target in targets.isEmpty ? checkpoint.languages : targets {
                for layer in try layers(layer, of: target, in: checkpoint) {
                    asked.refuse(above: Self.mostAnswers)
                    let answers = try Self.attempts(asked.words, encodes) {
                        try translator(checkpoint, target, layer, shared, in: view)
                    }
                    asked.take(answers) { word, failure in
                        [
                            "query": .text(word), "to": .text(target), "checkpoint": .text(checkpoint.name),
                            "layer": Self.json(layer), "error": .text(failure.description),
                        ]
                    }
                }
            }
        }
    }

    func translator(
        _ checkpoint: StoredCheckpoint, _ target: String, _ layer: TranslationLayer.Request,
        _ parameters: QuestionParameters, in view: StoreView
    ) throws -> Translator {
        let request = StoreView.TranslatorRequest(
            to: target, from: try parameters.text("from"), layer: layer,
            scoring: try parameters.scoring(), top: try parameters.number("top", in: 1...100, otherwise: 10),
            keepIdentical: try parameters.choice("keep_identical", otherwise: false),
            native: try parameters.native())
        return try view.translator(request, of: checkpoint)
    }

    private func layers(
        _ layer: TranslationLayer.Request?, of target: String, in checkpoint: StoredCheckpoint
    ) throws -> [TranslationLayer.Request] {
        if let layer { return [layer] }
        // What is not stored is said where it is asked for.
        guard let words = checkpoint.words(target) else { return [.best] }
        return try checkpoint.layers(of: words).map { .number($0.layer) }
    }

    /// Each word's answer, or what kept it from one.
    /// - Throws: `StoreError.changedWhileReading`: no answer stands beside another state's.
    private static func attempts(
        _ words: [String], _ encodes: Bool, _ make: () throws -> Translator
    ) throws -> [Result<Translation, any Error>] {
        do {
            let translator = try make()
            let wanted = try words.indices.filter { try encodes || translator.isStored(words[$0]) }
            var answers = words.map { Result<Translation, any Error>.failure(NotStored(word: $0)) }
            for start in stride(from: 0, to: wanted.count, by: translator.batchLength) {
                let batch = wanted[start..<min(start + translator.batchLength, wanted.count)]
                let found = try translator.translate(batch: batch.map { words[$0] })
                for (place, answer) in zip(batch, found) { answers[place] = answer }
            }
            return answers
        } catch {
            if case StoreError.changedWhileReading = error { throw error }
            return words.map { _ in .failure(error) }
        }
    }

    private static func json(_ layer: TranslationLayer.Request) -> JSONValue {
        switch layer {
        case .best: "best"
        case .number(let number): .integer(number)
        }
    }
}

/// The words of a group of questions, each once, and what was answered to each question.
private struct WordsAsked {
    private struct Question {
        /// Positions in `words`; empty for a question that is refused.
        var places: [Int] = []
        var answers: [JSONValue] = []
        var succeeded = false
        var firstFailure: (any Error)?
        var refusal: (any Error)?
    }

    private(set) var words: [String] = []
    /// Those that are well asked.
    private(set) var questions: [QuestionParameters] = []
    private var asked: [Question] = []

    init(_ all: [Result<QuestionParameters, any Error>]) {
        var known: [[UInt8]: Int] = [:]
        for parsed in all {
            var question = Question()
            do {
                let parameters = try parsed.get(), own = try parameters.texts("word")
                guard !own.isEmpty else { throw QuestionError(message: "word is missing") }
                for word in own {
                    let place = known[Array(word.utf8), default: words.count]
                    if place == words.count {
                        known[Array(word.utf8)] = place
                        words.append(word)
                    }
                    question.places.append(place)
                }
                questions.append(parameters)
            } catch {
                question.refusal = error
            }
            asked.append(question)
        }
    }

    /// Ends questions whose next answers would be too many.
    mutating func refuse(above most: Int) {
        for index in asked.indices where asked[index].answers.count + asked[index].places.count > most {
            asked[index].places = []
            asked[index].refusal = QuestionError(
                message: "more than \(most) answers: ask for fewer words, languages or layers")
        }
    }

    /// - Parameter failed: an answer that says why there is none.
    mutating func take(
        _ found: [Result<Translation, any Error>], failed: (String, any Diagnosable) -> JSONValue
    ) {
        for index in asked.indices {
            for place in asked[index].places {
                switch found[place] {
                case .success(let translation):
                    asked[index].succeeded = true
                    asked[index].answers.append(TranslationReport(translation).json)
                case .failure(let error):
                    let reason = error as? any Diagnosable ?? Defect(text: "\(error)")
                    asked[index].firstFailure = asked[index].firstFailure ?? reason
                    asked[index].answers.append(failed(words[place], reason))
                }
            }
        }
    }

    var answers: [Result<JSONValue, any Error>] {
        asked.map { question in
            if let refusal = question.refusal { return .failure(refusal) }
            if !question.succeeded, let failure = question.firstFailure { return .failure(failure) }
            return .success(["answers": .array(question.answers)])
        }
    }
}

/// A word that would have to be encoded, where that was not wanted.
private struct NotStored: Diagnosable {
    let word: String
    var exitStatus: ExitStatus { .missingInput }
    var description: String { "'\(word)' is in no stored vocabulary; encode=true encodes it with the model" }
}

private struct Defect: Diagnosable {
    let text: String
    var exitStatus: ExitStatus { .internalError }
    var description: String { "\(text); this is a defect in Polylex, please report it" }
}
