import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// `--threads`: what was asked for, else one per processor.
enum ThreadCount {
    static func of(_ asked: Int?) -> Int { asked ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    static func check(_ asked: Int?) throws {
        guard let asked, !(1...1024).contains(asked) else { return }
        throw ValidationError("--threads must be 1 to 1024, not \(asked)")
    }
}
