import Diagnostics
import Files
import Lookup
import Server
import Store

/// Answers the page's requests and the JSON interface's. Paths are the ones named here; no file is opened for any.
///
/// Every question is answered from one state of the catalogue, the newest there is: what was published before it is
/// seen.
struct ExplorerService: Sendable {
    let views: StoreViews

    /// - Parameter questionsAtOnce: that are answered at a time; their views of the store are kept for the next.
    init(store: Store, questionsAtOnce: Int) { views = StoreViews(store, mostIdle: questionsAtOnce) }

    /// - Parameter requests: one, or several of one group.
    func respond(to requests: [Request]) -> [Response] {
        requests.first?.path == Self.translationPath ? translationResponses(requests) : requests.map(respond)
    }

    private func respond(to request: Request) -> Response {
        switch request.path {
        case "/": Response(.ok, contentType: "text/html; charset=utf-8", body: PackageResources.explorer_html)
        case "/explorer.css": Response(.ok, contentType: "text/css; charset=utf-8", body: PackageResources.explorer_css)
        case "/explorer.js":
            Response(.ok, contentType: "text/javascript; charset=utf-8", body: PackageResources.explorer_js)
        case "/icon.svg": Response(.ok, contentType: "image/svg+xml", body: PackageResources.icon_svg)
        case "/openapi.json": Response(.ok, contentType: Self.json, body: PackageResources.openapi_json)
        case "/api/store": answer { try contents(QuestionParameters(request, known: []), in: $0) }
        case "/api/map":
            answer {
                try map(
                    QuestionParameters(
                        request,
                        known: [
                            "word", "to", "from", "checkpoint", "layer", "top", "scoring", "keep_identical", "native",
                        ]), in: $0)
            }
        case "/api/explain":
            answer { try explanations(QuestionParameters(request, known: Self.explanationNames), in: $0) }
        case "/api/sentences":
            answer {
                try sentences(QuestionParameters(request, known: ["text", "checkpoint", "layer", "top"]), in: $0)
            }
        default: Self.failure(.notFound, "nothing is at \(request.path); /openapi.json tells what there is")
        }
    }

    private static let json = "application/json; charset=utf-8"

    private func answer(_ question: (StoreView) throws -> JSONValue) -> Response {
        Self.response(Result { try views.answer(question) })
    }

    private func translationResponses(_ requests: [Request]) -> [Response] {
        do {
            return try translations(requests).map(Self.response)
        } catch {
            let response = Self.response(.failure(error))
            return requests.map { _ in response }
        }
    }

    private static func response(_ answer: Result<JSONValue, any Error>) -> Response {
        do {
            return Response(.ok, contentType: json, body: Array((try answer.get().line + "\n").utf8))
        } catch let error as any Diagnosable {
            return failure(status(error), error.description)
        } catch {
            return failure(.internalError, "\(error); this is a defect in Polylex, please report it")
        }
    }

    private static func failure(_ status: ResponseStatus, _ message: String) -> Response {
        let body: JSONValue = ["error": .text(message)]
        return Response(status, contentType: json, body: Array((body.line + "\n").utf8))
    }

    /// Exit statuses in HTTP's words.
    private static func status(_ error: any Diagnosable) -> ResponseStatus {
        switch error.exitStatus {
        case .usage: .badRequest
        case .missingInput: .notFound
        case .badInput, .failedCheck: .unprocessable
        case .tryAgain: .unavailable
        case .done, .internalError, .inputOutput: .internalError
        }
    }
}
