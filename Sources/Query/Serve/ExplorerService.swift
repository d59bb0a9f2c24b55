import Diagnostics
import Files
import Lookup
import Server
import Store

/// Answers the page's requests and the JSON interface's. Paths are the ones named here; no file is opened for any.
///
/// Every question reads the catalogue in one transaction of its own: what was published before it is seen.
struct ExplorerService: Sendable {
    let store: Store
    let encoders = EncoderCache()

    func respond(to request: Request) -> Response {
        switch request.path {
        case "/": Response(.ok, contentType: "text/html; charset=utf-8", body: PackageResources.explorer_html)
        case "/explorer.css": Response(.ok, contentType: "text/css; charset=utf-8", body: PackageResources.explorer_css)
        case "/explorer.js":
            Response(.ok, contentType: "text/javascript; charset=utf-8", body: PackageResources.explorer_js)
        case "/icon.svg": Response(.ok, contentType: "image/svg+xml", body: PackageResources.icon_svg)
        case "/openapi.json": Response(.ok, contentType: Self.json, body: PackageResources.openapi_json)
        case "/api/store": answer { try contents(QuestionParameters(request, known: [])) }
        case "/api/translate": answer { try translations(QuestionParameters(request, known: Self.translationNames)) }
        case "/api/map":
            answer {
                try map(
                    QuestionParameters(
                        request,
                        known: [
                            "word", "to", "from", "checkpoint", "layer", "top", "scoring", "keep_identical", "native",
                        ]))
            }
        case "/api/explain": answer { try explanations(QuestionParameters(request, known: Self.explanationNames)) }
        case "/api/sentences":
            answer { try sentences(QuestionParameters(request, known: ["text", "checkpoint", "layer", "top"])) }
        default: Self.failure(.notFound, "nothing is at \(request.path); /openapi.json tells what there is")
        }
    }

    private static let json = "application/json; charset=utf-8"

    private func answer(_ question: () throws -> JSONValue) -> Response {
        do {
            let answer = try Store.onFreshSnapshot(question)
            return Response(.ok, contentType: Self.json, body: Array((answer.line + "\n").utf8))
        } catch let error as any Diagnosable {
            return Self.failure(Self.status(error), error.description)
        } catch {
            return Self.failure(.internalError, "\(error); this is a defect in Polylex, please report it")
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
