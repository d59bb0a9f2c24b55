import ArgumentParser
import Console
import Diagnostics
import Encoder
import Files
import Foundation

/// `train interpolate`
struct InterpolateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interpolate",
        abstract: "Averages the weights of checkpoints: a model and what was trained from it, or several seeds.",
        discussion: """
            Between a vanilla and a specialised checkpoint lie models that know more words than the one and have \
            forgotten less than the other. All must have one shape and one tokenizer. Sums are float64, rounded to \
            float32 once; the folder is a Hugging Face folder with a training.json that names the checkpoints and \
            their shares.

            Example: train interpolate --model mbert --model babelbert --weight 0.5 --out halfway
            """)

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("Checkpoints, two or more: give the option for each.", valueName: "folder"),
        completion: .directory)
    var models: [String]

    @Option(
        help: ArgumentHelp(
            "Share of the last checkpoint, from 0 to 1; the others have equal shares of the rest. All are equal when "
                + "left out.",
            valueName: "x"))
    var weight: Double?

    @Option(help: ArgumentHelp("Folder to write.", valueName: "folder"), completion: .directory)
    var out: String

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard models.count >= 2 else { throw ValidationError("--model must be given for two checkpoints or more") }
        try TrainingOptions.require((0...1).contains(weight ?? 0), "--weight", "0 to 1", weight ?? 0)
    }

    /// One for each of `count` checkpoints.
    static func shares(count: Int, weight: Double?) -> [Double] {
        guard let weight else { return [Double](repeating: 1 / Double(count), count: count) }
        return [Double](repeating: (1 - weight) / Double(count - 1), count: count - 1) + [weight]
    }

    func run() throws {
        StopRequest.install()
        let folder = out.count > 1 && out.hasSuffix("/") ? String(out.dropLast()) : out
        try requireFree(folder)
        let checkpoints = try models.map { try Checkpoint(folder: $0) }
        let shares = Self.shares(count: models.count, weight: weight)
        let interpolation = try CheckpointInterpolation(checkpoints, shares: shares)
        try FolderCreation.create(DurableFolder.parent(of: folder))
        let record = try InterpolationRecord.json(interpolation, paths: models)
        var files = [
            TrainingRecord.fileName: record.line + "\n",
            ModelCard.fileName: ModelCard.interpolated(interpolation, paths: models).text,
        ]
        let described = SentenceTransformersFiles(
            checkpoints[0].configuration, try checkpoints[0].tokenizer().specialTokens,
            lacksPooler: interpolation.lacksPooler)
        for (name, text) in described.all { files[name] = text }
        try interpolation.write(to: folder, extraFiles: files) { try StopRequest.checkBeforeWriting() }
        let report: JSONValue = [
            "out": .text(folder), "models": try InterpolationRecord.models(interpolation, paths: models),
        ]
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.line + "\n") : stream.write(report: text(folder, shares))
    }

    private func requireFree(_ folder: String) throws {
        guard try FolderCreation.exists(folder) else { return }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw SpecializeError.notAFolder(path: folder)
        }
        if let name = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().first {
            throw SpecializeError.occupied(folder: folder, name: name)
        }
    }

    private func text(_ folder: String, _ shares: [Double]) -> String {
        zip(models, shares).map { "\(Quantity.fixed($1 * 100, places: 2)) % \($0)\n" }.joined() + "→ \(folder)\n"
    }
}
