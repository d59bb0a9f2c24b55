import Files
import Lexicon
import Lookup
import Store

/// Stored results as the result files of MTEB, which `mteb.TaskResult.from_disk` and its result cache read.
///
/// A data set is a task named "Polylex-<task>-<data set>", a pair of languages one of its subsets, the task's headline
/// its main score; of `tatoeba` what is the main score in MTEB, F1 of sentences of the other language asking among
/// English ones. The names are not those of MTEB's own tasks, whose sentences may be others.
/// - Source: mteb 2, `mteb/results/task_result.py` (`TaskResult`), `mteb/cache.py` (folders).
struct MTEBResults {
    private struct File {
        let folder: String
        let name: String
        let value: JSONValue
    }

    private var files: [File] = []
    /// Results without a main score (ρ of a constant list, F1 of an earlier version), which MTEB has no place for.
    private(set) var withoutScore = 0

    var isEmpty: Bool { files.isEmpty }

    /// - Parameter records: one layer of each checkpoint and data set; those of tasks without a score are passed over.
    init(_ records: [ResultRecord]) {
        for schema in ResultSchema.scored {
            let own = records.filter { $0.task == schema.task }
            for means in LayerMeans.of(own, schema: schema) {
                let rows = own.filter { $0.checkpoint == means.checkpoint && $0.dataset == means.dataset }
                let scored = rows.filter { $0.values[Self.mainScore(schema)] != nil }
                withoutScore += rows.count - scored.count
                guard let first = scored.first else { continue }
                add(scored, first, schema)
            }
        }
    }

    private mutating func add(_ records: [ResultRecord], _ first: ResultRecord, _ schema: ResultSchema) {
        let weights = first.provenance["checkpoint_fingerprint"] ?? "unknown"
        let task = "Polylex-\(schema.task)-\(first.dataset)"
        let folder = "\(FileNameText.of(first.checkpoint))/\(FileNameText.of(weights))"
        let subsets = records.map { record -> JSONValue in
            var members: [JSONValue.Member] = [
                .init(key: "main_score", value: .number(record.values[Self.mainScore(schema)] ?? 0)),
                .init(key: "hf_subset", value: .text(record.pair)),
                .init(key: "languages", value: .array(Self.languages(of: record.pair).map { .text($0) })),
                .init(key: "layer", value: .text(record.layerName)),
            ]
            for value in schema.values {
                members.append(.init(key: value.key, value: schema.cell(value, of: record)))
            }
            return .object(members)
        }
        if !files.contains(where: { $0.folder == folder && $0.name == "model_meta" }) {
            files.append(
                File(
                    folder: folder, name: "model_meta",
                    value: ["name": .text(first.checkpoint), "revision": .text(weights)]))
        }
        files.append(
            File(
                folder: folder, name: FileNameText.of(task),
                value: [
                    "dataset_revision": .text(first.dataset), "task_name": .text(task), "mteb_version": .null,
                    "scores": ["test": .array(subsets)], "evaluation_time": .null, "kg_co2_emissions": .null,
                ]))
    }

    private static func mainScore(_ schema: ResultSchema) -> String {
        schema.task == ResultSchema.tatoeba.task ? "f1_reverse" : schema.headline
    }

    /// MTEB's codes: three letters.
    private static func languages(of pair: String) -> [String] {
        pair.split(separator: "-").map { LanguageCode.iso639_3(of: String($0)) ?? $0.lowercased() }
    }

    /// - Returns: how many files were written.
    /// - Throws: `QueryError.sameFile` for names that differ only where a file's name cannot, `SystemFault`.
    func write(to folder: String) throws -> Int {
        var names: Set<String> = []
        for file in files {
            let path = "\(folder)/\(file.folder)/\(file.name).json"
            guard names.insert(path).inserted else {
                throw QueryError.sameFile(path: path, first: "a data set", second: "another of nearly the same name")
            }
        }
        for file in files {
            try DurableFolder.create("\(folder)/\(file.folder)")
            let output = try OutputFile(path: "\(folder)/\(file.folder)/\(file.name).json")
            try output.append(file.value.line + "\n")
            try output.finish()
        }
        return files.count
    }
}
