import Diagnostics

/// What can be wrong with a checkpoint folder.
package enum CheckpointError: Diagnosable {
    case missingFile(folder: String, name: String)

    package var exitStatus: ExitStatus { .missingInput }

    package var description: String {
        switch self {
        case .missingFile(let folder, let name): "\(folder)/\(name): no such file"
        }
    }
}
