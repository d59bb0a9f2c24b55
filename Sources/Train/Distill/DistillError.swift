import Console
import Diagnostics

/// What can keep a student from its teacher.
enum DistillError: Diagnosable, Equatable {
    /// No collection of the teacher has vectors of the layer that was asked for, or none at all.
    case noVectors(folder: String, teacher: String, layer: Int?, known: [Int])
    /// `--collections` names what the teacher has no vectors of.
    case unknownCollection(folder: String, teacher: String, name: String, known: [String])
    /// A vector that is nothing once its collection's mean is subtracted, or along the principal directions.
    case noDirection(collection: String, text: String)
    /// A student's vectors cannot be longer than the teacher's.
    case studentTooWide(student: String, dimension: Int, teacher: String, teacherDimension: Int)
    /// The student's tokenizer makes nothing of any text.
    case noTexts(student: String, read: Int, leftOut: String)
    /// Collections that went through different Dense modules.
    case unlikeDimensions(teacher: String, first: String, firstDimension: Int, second: String, secondDimension: Int)

    var exitStatus: ExitStatus {
        switch self {
        case .noVectors, .unknownCollection: .missingInput
        case .noDirection, .studentTooWide, .noTexts, .unlikeDimensions: .badInput
        }
    }

    var description: String {
        switch self {
        case .noVectors(let folder, let teacher, let layer, let known):
            "\(folder): \(teacher) has no vectors \(layer.map { "of layer \($0)" } ?? "to learn from"), stored layers: "
                + (known.isEmpty ? "none" : known.map(String.init).joined(separator: ", "))
                + "; build them with `indexer build --checkpoint \(teacher)=FOLDER --vocabularies … --layers …`"
        case .unknownCollection(let folder, let teacher, let name, let known):
            "--collections: \(folder) has no '\(name)' of \(teacher) at this layer, expected one of "
                + "\(known.joined(separator: ", ")), or 'words' or 'sentences' for all of these"
        case .noDirection(let collection, let text):
            "\(collection): nothing is left of the vector of '\(text.prefix(60))' without its collection's mean, or "
                + "along the principal directions; leave --center out, or choose other --collections"
        case .studentTooWide(let student, let dimension, let teacher, let teacherDimension):
            "\(student): its vectors have \(dimension) values, those of \(teacher) \(teacherDimension); expected at "
                + "most as many: take a narrower student, or a wider teacher"
        case .noTexts(let student, let read, let leftOut):
            "\(student): its tokenizer makes nothing of any of \(Quantity.counted(read, "text")) (\(leftOut)); "
                + "take a student that can write these languages (`indexer tokenize` shows what becomes of a text)"
        case .unlikeDimensions(let teacher, let first, let firstDimension, let second, let secondDimension):
            "\(teacher): the vectors of \(first) have \(firstDimension) values, those of \(second) "
                + "\(secondDimension): they went through different modules; choose with --collections"
        }
    }
}
