#if canImport(Glibc)
import Glibc
#endif

/// A failed system call on a named path: the one way `errno` becomes a message.
package struct SystemFault: Diagnosable {
    /// What was attempted, as a verb phrase: "open", "write", "rename".
    package let operation: String
    package let path: String
    package let code: Int32

    /// - Parameter code: the value of `errno` right after the failed call.
    package init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var exitStatus: ExitStatus {
        switch code {
        case ENOENT, ENOTDIR: .missingInput
        case EAGAIN, EBUSY: .tryAgain
        default: .inputOutput
        }
    }

    package var description: String {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT:
            return
                "\(path): cannot \(operation): the disk is full (\(reason)); free some space and run the same command "
                + "again, finished work is kept"
        case EFBIG:
            return
                "\(path): cannot \(operation): the file size limit is reached (\(reason)); raise it (ulimit -f) and "
                + "run the same command again, finished work is kept"
        case EROFS, EACCES, EPERM:
            return "\(path): cannot \(operation): \(reason); check the owner and permissions of the file and its folder"
        case ENOENT:
            return "\(path): cannot \(operation): no such file or folder"
        default:
            return "\(path): cannot \(operation): \(reason)"
        }
    }
}
