import Console
import Encoder
import Fingerprinting
import Store

/// What a plan names, as it is now: anything that is not what was planned is an error.
struct PlannedInputs {
    let plan: ShardPlan
    let path: String

    /// That this program computes what was planned.
    /// - Throws: `ShardError.otherEncoding`, `.otherProgram`, `.otherArithmetic`.
    func requireOwnProgram() throws {
        try requireEncodingVersion()
        let program = try ProgramIdentity.own()
        guard program == plan.program else {
            throw ShardError.otherProgram(place: path, expected: plan.program.text, found: program.text)
        }
        guard plan.computation == .ofEngine else {
            throw ShardError.otherArithmetic(
                place: path, expected: "\(plan.arithmetic), \(plan.precision)",
                found: "\(Computation.ofEngine.arithmetic), \(Computation.ofEngine.precision)")
        }
    }

    /// That the layer fingerprints of this program are those of the plan's.
    func requireEncodingVersion() throws {
        guard plan.encodingVersion == LayerFingerprint.encodingVersion else {
            throw ShardError.otherEncoding(
                path: path, expected: LayerFingerprint.encodingVersion, found: plan.encodingVersion)
        }
    }

    /// - Throws: `ShardError.changedInput`; what reading throws.
    func read(_ input: ShardPlan.Input) throws -> [CollectionInput] {
        let read = try input.source.read(top: plan.top, skippingBadLines: plan.skipBadLines)
        for planned in input.collections {
            let now = read.first { $0.name == planned.name }
            guard let now, now.fingerprint == planned.fingerprint else {
                throw ShardError.changedInput(
                    what: planned.name, path: input.source.files.joined(separator: ","),
                    expected: planned.fingerprint.short, found: now?.fingerprint.short ?? "no such texts")
            }
        }
        return read
    }

    /// - Throws: `ShardError.changedInput`; what opening a checkpoint throws.
    func open(_ checkpoint: ShardPlan.Checkpoint) throws -> EncodingModel {
        let model = try EncodingModel(
            name: checkpoint.name, folder: checkpoint.folder, options: options(), kinds: plan.kinds)
        guard model.record.fingerprint == checkpoint.fingerprint else {
            throw ShardError.changedInput(
                what: "checkpoint '\(checkpoint.name)'", path: checkpoint.folder,
                expected: checkpoint.fingerprint.short, found: model.record.fingerprint.short)
        }
        for (what, planned, found) in [
            ("words", checkpoint.wordPooling, model.pooling.words?.fields),
            ("sentences", checkpoint.sentencePooling, model.pooling.sentences?.fields),
        ] where planned != found {
            let text = { (fields: [String: String]?) in fields.map(SentenceConvention.text) ?? "the paper's" }
            throw ShardError.changedInput(
                what: "the pooling of \(what) of '\(checkpoint.name)'", path: checkpoint.folder,
                expected: text(planned), found: text(found))
        }
        return model
    }

    /// The build's options, as they were typed when the plan was made.
    /// - Throws: `ShardError.damagedPlan` for words that are none.
    func options() throws -> EncodingOptions {
        do {
            return try EncodingOptions.parse(plan.options)
        } catch {
            throw ShardError.damagedPlan(
                path: path + "/" + PlanFolder.planName, expected: "options of a build",
                found: EncodingOptions.message(for: error))
        }
    }
}
