import Diagnostics
import Files
import Glibc

/// Says whose a work folder is: a file made with O_EXCL that names host, boot and process, and goes with the build.
///
/// The store's build lock is an `flock`, which holds on one host. Where several hosts may reach the store this file is
/// what keeps a second builder from the first one's spools. A lock that a killed build left is taken over: whoever
/// takes it holds the build lock, so on this boot of this kernel nobody else is alive; and where the file system is one
/// host's own, another boot is an earlier one. Only on a shared file system may another boot be another host at work.
final class WorkLock: Sendable {
    static let name = "lock"

    /// Who holds a lock, as its text says.
    struct Holder: Equatable, Sendable {
        var host: String
        var boot: String
        var process: Int

        /// This process.
        static var own: Holder {
            let boot = (try? RegularFile(reading: "/proc/sys/kernel/random/boot_id").contents(limit: 4_096)) ?? []
            var name = [UInt8](repeating: 0, count: 256)
            let status = name.withUnsafeMutableBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { gethostname($0, 255) } ?? -1 }
            }
            let host = status == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : ""
            return Holder(
                host: host, boot: String(decoding: boot.prefix { $0 > 0x20 }, as: UTF8.self), process: Int(getpid()))
        }

        var text: String { "host \(host)\nboot \(boot)\nprocess \(process)\n" }

        init(host: String, boot: String, process: Int) {
            self.host = host
            self.boot = boot
            self.process = process
        }

        /// Nil for a text that is none, as a kill between making and writing it leaves.
        init?(_ text: String) {
            let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
            guard lines.count == 3, lines.allSatisfy({ $0.count == 2 }), lines[0][0] == "host", lines[1][0] == "boot",
                lines[2][0] == "process", let process = Int(lines[2][1])
            else { return nil }
            self.init(host: lines[0][1], boot: lines[1][1], process: process)
        }
    }

    private let folder: ContainedFolder

    /// - Parameter isShared: whether the folder is on a file system of several hosts.
    /// - Throws: `IndexerError.workInUse`, `FileError`, `SystemFault`.
    init(_ folder: ContainedFolder, isShared: Bool, own: Holder = .own) throws {
        var made: RegularFile?
        while made == nil {
            do {
                made = try folder.open(Self.name, for: .creating)
            } catch let fault as SystemFault where fault.code == EEXIST {
                if let holder = try Self.stranger(in: folder, isShared: isShared, own: own) {
                    throw IndexerError.workInUse(folder: folder.path, host: holder.host, process: holder.process)
                }
                try folder.remove(Self.name)
            }
        }
        // From here on the file is ours, and deinit removes it, also when writing it fails.
        self.folder = folder
        guard let made else { return }
        try Array(own.text.utf8).withUnsafeBytes { try Transfer.write(made.descriptor, $0, at: 0, path: made.path) }
    }

    deinit { try? folder.remove(Self.name) }

    /// The holder of a folder's lock that may be at work on another host; nil when there is none.
    static func stranger(in folder: ContainedFolder, isShared: Bool, own: Holder = .own) throws -> Holder? {
        guard isShared, try folder.requireFileIfPresent(name) != nil else { return nil }
        let text = String(decoding: try folder.open(name, for: .reading).contents(limit: 4_096), as: UTF8.self)
        let holder = Holder(text) ?? Holder(host: "an unknown host", boot: "", process: 0)
        return holder.boot == own.boot ? nil : holder
    }
}
