import Diagnostics

/// What can be wrong with a store.
package enum StoreError: Diagnosable {
    case notImplemented(String)

    package var exitStatus: ExitStatus { .internalError }

    package var description: String {
        switch self {
        case .notImplemented(let what): "\(what): not implemented"
        }
    }
}
