import Diagnostics
import Files
import Lookup
import Store

extension ExplorerService {
    static let explanationNames = ["word", "to", "gold", "from", "checkpoint", "layers", "top", "hubs"]

    /// `/api/explain`: the objects of `query explain --json`, one for each checkpoint. One without an explanation says
    /// why; when none has one, that is the answer's error.
    func explanations(_ parameters: QuestionParameters, in view: StoreView) throws -> JSONValue {
        let target = try parameters.requiredText("to"), gold = try parameters.requiredText("gold")
        let word = try parameters.requiredText("word")
        let question = RankExplainer.Question(
            word: word, gold: gold, to: target, from: try parameters.text("from"), layers: try parameters.layers(),
            top: try parameters.number("top", in: 1...100, otherwise: 5),
            hubs: try parameters.hubs(), threads: 1)
        let explainer = RankExplainer(question, tables: ConstraintTables(), models: views.encoders)
        var answers: [JSONValue] = [], firstFailure: (any Diagnosable)?, succeeded = false
        for checkpoint in try view.checkpoints(parameters.texts("checkpoint")) {
            do {
                answers.append(ExplanationReport(try explainer.explain(checkpoint)).json)
                succeeded = true
            } catch let error as LookupError {
                firstFailure = firstFailure ?? error
                answers.append([
                    "query": .text(word), "to": .text(target), "gold": .text(gold),
                    "checkpoint": .text(checkpoint.name), "error": .text(error.description),
                ])
            }
        }
        if !succeeded, let firstFailure { throw firstFailure }
        return ["answers": .array(answers)]
    }
}
