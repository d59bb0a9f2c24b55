import Diagnostics
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// libFuzzer's loop over one of `Targets.all`, which FUZZ_TARGET names; tools/fuzz builds and starts it.
///
/// A parser may give an answer or throw an error for people; what it may not is trap, throw anything else, take
/// gigabytes or never end.
@main struct Fuzz {
    static func main() {
        guard target != nil else {
            print("fuzz: FUZZ_TARGET names no target; there are \(Targets.all.keys.sorted().joined(separator: ", "))")
            exit(64)
        }
        if let seeds = getenv("FUZZ_SEEDS") { writeSeed(to: String(cString: seeds)) }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments) { bytes, size in one(bytes, size) })
    }

    /// Puts the file that a target's surroundings are made with among the seeds, and ends; a target without
    /// surroundings has none.
    private static func writeSeed(to folder: String) -> Never {
        guard let target, target.prepare != nil else { exit(0) }
        do {
            let bytes = try FileHandle(forReadingAtPath: path)?.readToEnd() ?? Data()
            try bytes.write(to: URL(fileURLWithPath: "\(folder)/made"))
        } catch {
            fatalError("\(folder): \(error)")
        }
        exit(0)
    }

    nonisolated(unsafe) static let target: Target? = getenv("FUZZ_TARGET").flatMap { Targets.all[String(cString: $0)] }

    /// Where the bytes are put, since parsers read files: FUZZ_FOLDER, else one in memory. The same file every time.
    static let folder: String = {
        let folder = getenv("FUZZ_FOLDER").map { String(cString: $0) } ?? "/dev/shm/polylex-fuzz-\(getpid())"
        mkdir(folder, 0o700)
        return folder
    }()

    /// The file the bytes are put in, among what lies around it.
    static let path: String = {
        guard let target else { return "" }
        do { try target.prepare?(folder) } catch { fatalError("\(folder): \(error)") }
        return target.file(folder)
    }()
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The name under which libFuzzer's own `main` would look for it; the linker wants it although ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func one(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let target = Fuzz.target else { return -1 }
    let path = Fuzz.path
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0, size == 0 || write(file, bytes, size) == size else { fatalError("\(path): cannot write") }
    close(file)
    do {
        try target.read(Fuzz.folder, path)
    } catch let error as any Diagnosable {
        // Its text is made from the file too.
        precondition(!error.description.isEmpty, "an error without a description")
    } catch {
        fatalError("an error that is not for people: \(type(of: error)) \(error)")
    }
    return 0
}
