/// One step of a night: a command of the program beside this one, and the steps it cannot do without.
struct NightlyStep: Equatable {
    enum Need: Equatable {
        /// Every one of these steps.
        case all([String])
        /// One of these steps at least.
        case any([String])
    }

    /// "bli glavas mbert": also how other steps and the summary call it.
    let name: String
    /// "indexer" or "query".
    let program: String
    let arguments: [String]
    let need: Need
    /// The file it writes, besides the store.
    var output: String?

    /// As it would be typed.
    var command: String {
        ([program] + arguments).map { word in
            let plain = word.utf8.allSatisfy { byte in
                byte > 0x7f || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || "-_=./,:+@".utf8.contains(byte)
            }
            return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }

    /// The steps of a night, each after those it needs: builds, evaluations, comparisons, the report.
    static func plan(_ configuration: NightlyConfiguration) -> [NightlyStep] {
        let built = configuration.checkpoints.map(\.name)
        let builds = configuration.checkpoints.map { checkpoint in
            NightlyStep(
                name: buildName(checkpoint.name), program: "indexer",
                arguments: ["build", "--checkpoint=\(checkpoint.name)=\(checkpoint.folder)"]
                    + configuration.buildOptions + (configuration.isEphemeral ? ["--ephemeral"] : [])
                    + shared(configuration, threads: true),
                need: .all([]))
        }
        let evaluations = configuration.evaluations.flatMap { evaluation in
            var names = built
            // A baseline of another night is in the store, and asked the same questions.
            if evaluation.task == .bli, let baseline = configuration.comparison?.baseline, !names.contains(baseline) {
                names.append(baseline)
            }
            return names.map { name in
                let step = NightlyStep(
                    name: "\(evaluation.name) \(name)", program: "query",
                    arguments: [evaluation.task.rawValue] + evaluation.options + ["--checkpoint=\(name)", "--means"]
                        + shared(configuration, threads: true),
                    need: .all(built.contains(name) ? [buildName(name)] : []))
                return (name, step)
            }
        }
        var steps: [NightlyStep]
        if configuration.isEphemeral {
            // One checkpoint after the other, so that the disk holds the vectors of one.
            steps = evaluations.filter { !built.contains($0.0) }.map(\.1)
            for (name, build) in zip(built, builds) {
                let own = evaluations.filter { $0.0 == name }.map(\.1)
                let drop = NightlyStep(
                    name: "drop \(name)", program: "indexer",
                    arguments: ["remove", "--checkpoint=\(name)", "--vectors"] + shared(configuration, threads: false),
                    need: .all(own.map(\.name)))
                steps += [build] + own + [drop]
            }
        } else {
            steps = builds + evaluations.map(\.1)
        }
        if let comparison = configuration.comparison {
            let inductions = configuration.evaluations.filter { $0.task == .bli }.map(\.name)
            steps += built.filter { $0 != comparison.baseline }.map { name in
                NightlyStep(
                    name: "compare \(comparison.baseline) \(name)", program: "query",
                    arguments: ["compare", comparison.baseline, name] + comparison.options
                        + (comparison.failIfWorse ? ["--fail-if-worse"] : []) + shared(configuration, threads: true),
                    need: .all(inductions.flatMap { ["\($0) \(comparison.baseline)", "\($0) \(name)"] }))
            }
        }
        if let report = configuration.report {
            // What is stored is worth showing as long as anything was stored at all.
            steps.append(
                NightlyStep(
                    name: "report", program: "query",
                    arguments: ["report", "--out=\(report)"] + shared(configuration, threads: false),
                    need: .any(built.map(buildName)), output: report))
        }
        return steps
    }

    private static func buildName(_ checkpoint: String) -> String { "build \(checkpoint)" }

    private static func shared(_ configuration: NightlyConfiguration, threads: Bool) -> [String] {
        var options = ["--store=\(configuration.store)", "--json"]
        if threads, let count = configuration.threads { options.append("--threads=\(count)") }
        return options
    }
}
