import Console
import Encoder
import Files
import Store

/// The `README.md` of a written checkpoint, as the Hugging Face hub shows it: a YAML head and Markdown.
///
/// The same checkpoint gives the same bytes; folders stand in it by their last names.
struct ModelCard {
    static let fileName = "README.md"

    enum Kind {
        /// A whole checkpoint.
        case encoder
        /// A whole checkpoint that learnt from another, the last of `bases`.
        case student
        /// Bottlenecks over a base of that name.
        case adapter(base: String)
    }

    /// A base checkpoint.
    struct Base {
        /// Last component of its path.
        let name: String
        let licence: StatedLicence?

        init(path: String, checkpoint: Checkpoint) {
            name = ModelCard.lastName(path)
            licence = checkpoint.statedLicence
        }

        /// A checkpoint of a store, whose folder may be gone or hold another one now: it states no licence then.
        init(teacher: CheckpointRecord) {
            name = ModelCard.lastName(teacher.name)
            let checkpoint = try? Checkpoint(folder: teacher.source)
            licence = checkpoint?.fingerprint == teacher.fingerprint ? checkpoint?.statedLicence : nil
        }
    }

    let kind: Kind
    let bases: [Base]
    /// Codes as data names them; sorted in the head.
    let languages: Set<String>
    /// Markdown between the title and the sections that every card has.
    let sections: [String]

    var text: String { ([head, title] + sections + [loading, licences]).joined(separator: "\n") }

    private var head: String {
        var lines = ["---"]
        let identifiers = Set(bases.map { $0.licence?.identifier })
        if identifiers.count == 1, let licence = bases[0].licence {
            lines.append("license: \(licence.identifier)")
            if let name = licence.name { lines.append("license_name: \(name)") }
        }
        switch kind {
        case .encoder, .student:
            lines += ["library_name: sentence-transformers", "pipeline_tag: feature-extraction"]
            lines += ["tags:", "- sentence-transformers", "- feature-extraction"]
        case .adapter: lines += ["library_name: adapter-transformers", "tags:", "- adapter-transformers"]
        }
        lines += ["- polylex", "- word-translation"]
        // A code such as zh_classical is no language code of the hub.
        let codes = languages.filter { $0.utf8.allSatisfy { (0x61...0x7a).contains($0) } && (2...3).contains($0.count) }
        if !codes.isEmpty { lines += ["language:"] + codes.sorted().map { "- \"\($0)\"" } }
        return lines.joined(separator: "\n") + "\n---\n"
    }

    private var title: String {
        let names = bases.map { Self.cell($0.name) }.joined(separator: " + ")
        return switch kind {
        case .encoder: "# \(names), specialised for words\n"
        case .student: "# \(bases.map { Self.cell($0.name) }.joined(separator: ", taught by "))\n"
        case .adapter: "# Adapter of \(names), specialised for words\n"
        }
    }

    private var loading: String {
        switch kind {
        case .encoder, .student:
            """
            ## How to load

            A word's vector is the mean of its own tokens at the last layer; special tokens are left out. Compare \
            vectors by cosine.

            ```python
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer("FOLDER")
            vectors = model.encode(["house", "Haus"])
            ```

            With Polylex: `indexer build --checkpoint NAME=FOLDER --vocabularies VOCABULARIES`.

            """
        case .adapter(let base):
            """
            ## How to load

            It needs its base, \(Self.cell(base)), and the library `adapters`. A word's vector is the mean of its own \
            tokens at the last layer; special tokens are left out. Compare vectors by cosine.

            ```python
            from adapters import init
            from transformers import AutoModel

            model = AutoModel.from_pretrained("BASE")
            init(model)
            model.set_active_adapters(model.load_adapter("FOLDER"))
            ```

            With Polylex: `indexer build --checkpoint NAME=FOLDER --vocabularies VOCABULARIES`; "model_name" in \
            adapter_config.json says where the base is.

            """
        }
    }

    private var licences: String {
        let rows = bases.enumerated().map { place, base in
            let isTeacher = if case .student = kind { place == bases.count - 1 } else { false }
            let stated = base.licence.map { "`\($0.identifier)`" + ($0.name.map { " (`\($0)`)" } ?? "") }
            return "- \(isTeacher ? "teacher" : "base") \(Self.cell(base.name)): "
                + "\(stated ?? "its folder's README.md states none")\n"
        }
        return "## Licence\n\n" + rows.joined()
            + "\nWeights trained from data may be bound by the data's licence, too; Polylex does not know it.\n"
    }

    /// A table; cells are escaped.
    static func table(_ header: [String], _ rows: [[String]]) -> String {
        ([header.map(cell), header.indices.map { $0 == 0 ? "---" : "---:" }] + rows.map { $0.map(cell) })
            .map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    /// Text on one line of Markdown: names come from command lines and files.
    static func cell(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "|", "\\", "`", "*", "_", "<", ">", "[", "]", "#": escaped += "\\" + String(scalar)
            case _ where scalar.properties.generalCategory == .control || (0x2028...0x2029).contains(scalar.value):
                escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func lastName(_ path: String) -> String {
        path.split(separator: "/").last { $0 != "." }.map(String.init) ?? path
    }
}
