import Glibc

/// Memory this process may have at most: of the machine, of the control group it runs in, of its own limit.
enum MemorySpace {
    /// Bytes; nobody else's use is counted, so more than this can never be had.
    static var limit: Int {
        var smallest = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
            .partialValue
        if smallest <= 0 { smallest = .max }
        var own = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &own) == 0 {
            smallest = min(smallest, Int(clamping: own.rlim_cur))
        }
        for path in groupLimits {
            // "max" is no number, and no limit.
            guard let text = try? SmallFile.textIfPresent(path, limitBytes: 4_096),
                let bytes = Int(text.split(separator: "\n").first ?? "")
            else { continue }
            smallest = min(smallest, bytes)
        }
        return smallest
    }

    /// Files that say what the group and those above it may have, of both versions of control groups.
    private static var groupLimits: [String] {
        guard let text = try? SmallFile.textIfPresent("/proc/self/cgroup", limitBytes: 1 << 16) else { return [] }
        var files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isNew = parts[1].isEmpty
            guard isNew || parts[1].split(separator: ",").contains("memory") else { continue }
            var path = isNew ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            for name in parts[2].split(separator: "/") where name != ".." {
                path += "/" + name
                files.append(path + (isNew ? "/memory.max" : "/memory.limit_in_bytes"))
            }
        }
        return files
    }
}
