import Foundation

/// What a night does, as its configuration file says (docs/nightly.md). Paths are relative to the file's folder, which
/// is the current one when it is read.
struct NightlyConfiguration {
    struct Checkpoint: Equatable {
        let name: String
        let folder: String
    }

    struct Evaluation: Equatable {
        enum Task: String { case bli, xlsim, tatoeba }

        let task: Task
        /// What the step is called: the task, its data set, its scoring.
        let name: String
        /// Options of the `query` command, without checkpoint and store.
        let options: [String]
    }

    struct Comparison: Equatable {
        let baseline: String
        let failIfWorse: Bool
        let options: [String]
    }

    var store = "indexes"
    var checkpoints: [Checkpoint] = []
    /// Options of `indexer build`, without checkpoint and store.
    var buildOptions: [String] = []
    var evaluations: [Evaluation] = []
    var comparison: Comparison?
    var report: String?
    var threads: Int?
    /// Whether each checkpoint's vectors go when it is evaluated, before the next one is built.
    var isEphemeral = false
    /// A program and its arguments, or one line for /bin/sh.
    var hook: [String] = []

    private static let keys = [
        "store", "checkpoints", "texts", "encoding", "evaluations", "compare", "report", "threads", "ephemeral", "hook",
    ]

    /// The hook alone, for who is to be told that the rest of the file is wrong.
    static func hook(_ root: ConfigurationValue) throws -> [String] {
        let members = try root.members(expected: "keys and values")
        guard let hook = members.first(where: { $0.name == "hook" })?.value else { return [] }
        if !hook.isList { return ["/bin/sh", "-c", try hook.text("a command")] }
        let words = try hook.oneOrMore.map { try $0.text("a word of the command") }
        guard !words.isEmpty else {
            throw NightlyError.wrongValue(hook.place, expected: "a command", found: "an empty list")
        }
        return words
    }

    /// - Throws: `NightlyError`.
    init(_ root: ConfigurationValue) throws {
        let fields = try root.fields(Self.keys)
        if let value = fields["store"] { store = try value.text("a folder") }
        if let value = fields["threads"] { threads = try value.count() }
        let named = try fields.required("checkpoints", "names of your choice and their folders")
        checkpoints = try named.members(expected: "names of checkpoints and their folders").map {
            Checkpoint(name: $0.name, folder: try $0.value.existingPath("a Hugging Face folder"))
        }
        guard !checkpoints.isEmpty else {
            throw NightlyError.wrongValue(named.place, expected: "at least one checkpoint", found: "none")
        }
        let texts = try fields.required("texts", "what is encoded: vocabularies, sentences")
        buildOptions = try Self.texts(texts)
        if let encoding = fields["encoding"] { buildOptions += try Self.encoding(encoding) }
        try checkBuild(at: texts.place)
        if let value = fields["evaluations"] { evaluations = try Self.evaluations(value) }
        if let value = fields["compare"] { comparison = try compare(value) }
        if let value = fields["ephemeral"] {
            isEphemeral = try value.flag()
            guard !isEphemeral || !evaluations.isEmpty else {
                throw NightlyError.missingKey(
                    value.place, key: "evaluations", expected: "for which vectors are made, before they go")
            }
        }
        report = try fields["report"]?.text("a file to write")
        hook = try Self.hook(root)
    }

    // MARK: Building

    private static func texts(_ value: ConfigurationValue) throws -> [String] {
        let fields = try value.fields([
            "vocabularies", "vocabulary", "sentences", "sentence-pairs", "top", "skip-bad-lines",
        ])
        var options: [String] = []
        if let value = fields["vocabularies"] { options.append("--vocabularies=\(try value.existingPath("a folder"))") }
        for (language, file) in try fields["vocabulary"]?.members(expected: "languages and their files") ?? [] {
            options.append("--vocabulary=\(language)=\(try file.existingPath("a file"))")
        }
        if let value = fields["sentences"] { options.append("--sentences=\(try value.existingPath("a folder"))") }
        for (pair, files) in try fields["sentence-pairs"]?.members(expected: "pairs and their files") ?? [] {
            let paths = try files.oneOrMore.map { try $0.existingPath("a file, or a list of two") }
            guard (1...2).contains(paths.count) else {
                throw NightlyError.wrongValue(
                    files.place, expected: "a file, or a list of two", found: "\(paths.count) files")
            }
            options.append("--sentence-pair=\(pair)=\(paths.joined(separator: ","))")
        }
        if let value = fields["top"] { options.append("--top=\(try value.count())") }
        if try fields["skip-bad-lines"]?.flag() ?? false { options.append("--skip-bad-lines") }
        return options
    }

    private static func encoding(_ value: ConfigurationValue) throws -> [String] {
        let fields = try value.fields(["layers", "codec", "pooling", "word-pooling", "prompt", "maximum-length"])
        var options: [String] = []
        for name in ["layers", "codec", "pooling", "word-pooling"] {
            if let value = fields[name] { options.append("--\(name)=\(try value.text())") }
        }
        if let value = fields["prompt"] { options.append("--prompt=\(try value.text())") }
        if let value = fields["maximum-length"] { options.append("--maximum-length=\(try value.count())") }
        return options
    }

    /// What the command would refuse after an hour is refused now.
    private func checkBuild(at place: NightlyError.Place) throws {
        let words = checkpoints.map { "--checkpoint=\($0.name)=\($0.folder)" } + buildOptions
        do {
            _ = try BuildCommand.parse(words)
        } catch {
            let reason = BuildCommand.message(for: error).split(separator: "\n").first.map(String.init) ?? "\(error)"
            throw NightlyError.refused(place, reason: reason)
        }
    }

    // MARK: Evaluations

    private static func evaluations(_ value: ConfigurationValue) throws -> [Evaluation] {
        let fields = try value.fields(["bli", "xlsim", "tatoeba"])
        var found: [Evaluation] = []
        let readers: [(String, (ConfigurationValue) throws -> Evaluation)] = [
            ("bli", induction), ("xlsim", similarity), ("tatoeba", retrieval),
        ]
        for (name, read) in readers {
            for entry in fields[name]?.oneOrMore ?? [] {
                let evaluation = try read(entry)
                guard !found.contains(where: { $0.name == evaluation.name }) else {
                    throw NightlyError.wrongValue(
                        entry.place, expected: "an evaluation of its own (another scoring, or a name under 'dataset')",
                        found: "'\(evaluation.name)' twice")
                }
                found.append(evaluation)
            }
        }
        return found
    }

    private static func induction(_ value: ConfigurationValue) throws -> Evaluation {
        let fields = try value.fields(["dictionaries", "dataset", "pairs", "scoring", "center", "layers", "strict"])
        let folder = try fields.required("dictionaries", "a folder or a file").existingPath("a folder or a file")
        var options = ["--dictionaries=\(folder)"]
        let dataset = try fields["dataset"]?.text("a name")
        if let dataset { options.append("--dataset=\(dataset)") }
        var name = dataset ?? lastComponent(folder)
        if let scoring = try fields["scoring"]?.choice(["cosine", "csls"]) {
            options.append("--scoring=\(scoring)")
            if scoring != "cosine" { name += " \(scoring)" }
        }
        if try fields["center"]?.flag() ?? false {
            options.append("--center")
            name += " centred"
        }
        if try fields["strict"]?.flag() ?? false { options.append("--strict") }
        try options += shared(fields)
        return Evaluation(task: .bli, name: "bli \(name)", options: options)
    }

    private static func similarity(_ value: ConfigurationValue) throws -> Evaluation {
        let fields = try value.fields(["pairs", "only", "dataset", "layers"])
        let folder = try fields.required("pairs", "MultiSimLex pairs, a folder or a file").existingPath(
            "a folder or a file")
        var options = ["--pairs=\(folder)"]
        let dataset = try fields["dataset"]?.text("a name")
        if let dataset { options.append("--dataset=\(dataset)") }
        for pair in fields["only"]?.oneOrMore ?? [] { options.append("--only=\(try pair.text("a pair like ENG-FIN"))") }
        if let layers = fields["layers"] { options.append("--layers=\(try layers.layers(words: ["all"]))") }
        return Evaluation(task: .xlsim, name: "xlsim \(dataset ?? lastComponent(folder))", options: options)
    }

    private static func retrieval(_ value: ConfigurationValue) throws -> Evaluation {
        let fields = try value.fields(["pairs", "scoring", "layers"])
        var name = "tatoeba"
        var options: [String] = []
        if let scoring = try fields["scoring"]?.choice(["cosine", "margin"]) {
            options.append("--scoring=\(scoring)")
            if scoring != "cosine" { name += " \(scoring)" }
        }
        try options += shared(fields)
        return Evaluation(task: .tatoeba, name: name, options: options)
    }

    private static func shared(_ fields: ConfigurationFields) throws -> [String] {
        var options = try (fields["pairs"]?.oneOrMore ?? []).map { "--pairs=\(try $0.text("a pair like en-fi"))" }
        if let layers = fields["layers"] { options.append("--layers=\(try layers.layers(words: ["all"]))") }
        return options
    }

    private static func lastComponent(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

    private func compare(_ value: ConfigurationValue) throws -> Comparison {
        let fields = try value.fields(["baseline", "fail-if-worse", "datasets", "pairs", "layer"])
        let baseline = try fields.required("baseline", "a checkpoint's name").text("a checkpoint's name")
        guard evaluations.contains(where: { $0.task == .bli }) else {
            throw NightlyError.missingKey(value.place, key: "evaluations.bli", expected: "whose ranks are compared")
        }
        guard checkpoints.contains(where: { $0.name != baseline }) else {
            throw NightlyError.wrongValue(
                value.place, expected: "a checkpoint beside the baseline", found: "'\(baseline)' alone")
        }
        var options: [String] = []
        for (key, expected) in [("datasets", "a data set's name"), ("pairs", "a pair like en-fi")] {
            for entry in fields[key]?.oneOrMore ?? [] { options.append("--\(key)=\(try entry.text(expected))") }
        }
        if let layer = fields["layer"] { options.append("--layer=\(try layer.layers(words: ["best"]))") }
        return Comparison(
            baseline: baseline, failIfWorse: try fields["fail-if-worse"]?.flag() ?? true, options: options)
    }
}
