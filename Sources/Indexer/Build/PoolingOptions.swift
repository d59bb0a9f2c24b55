import ArgumentParser
import Diagnostics
import Encoder
import Files

/// Which pooling sentences get.
enum SentencePooling: ExpressibleByArgument, Equatable, Sendable {
    /// The mean over a sentence's own subwords.
    case paper
    /// What the folder's modules.json says; a folder without one is an error.
    case model
    /// This one over all tokens, special ones included, whatever the folder says.
    case mode(SentenceConvention.Mode)

    init?(argument: String) {
        switch argument {
        case "paper": self = .paper
        case "model": self = .model
        default:
            guard let mode = SentenceConvention.Mode(rawValue: argument) else { return nil }
            self = .mode(mode)
        }
    }

    static var allValueStrings: [String] { ["model", "paper"] + SentenceConvention.Mode.allCases.map(\.rawValue) }

    var text: String {
        switch self {
        case .paper: "paper"
        case .model: "model"
        case .mode(let mode): mode.rawValue
        }
    }
}

/// Which pooling words get.
enum WordPooling: String, ExpressibleByArgument, CaseIterable, Sendable { case paper, model }

/// How a checkpoint's texts become vectors; nil for the paper's mean over a text's own subwords.
struct PoolingConventions: Equatable, Sendable {
    var words: SentenceConvention?
    var sentences: SentenceConvention?

    static let papers = PoolingConventions()

    init(words: SentenceConvention? = nil, sentences: SentenceConvention? = nil) {
        self.words = words
        self.sentences = sentences
    }

    func convention(_ kind: CollectionInput.Kind) -> SentenceConvention? {
        switch kind {
        case .words: words
        case .sentences: sentences
        }
    }

    /// The Dense modules that texts of these kinds go through: words and sentences that have some have the same.
    func dense(_ kinds: Set<CollectionInput.Kind>) -> DenseModules? {
        kinds.lazy.compactMap { convention($0)?.dense }.first
    }

    /// What the options ask of a checkpoint.
    /// - Parameters:
    ///   - folder: with the weights and, perhaps, modules.json.
    ///   - longest: tokens the checkpoint has positions for.
    ///   - hiddenSize: values of a pooled vector, which a Dense has to take.
    ///   - kinds: of the texts there are: a folder whose modules are not computed stands in the way of sentences alone.
    /// - Throws: `CheckpointError.sentenceConvention` and others of `SentenceConvention.read`;
    ///   `IndexerError.nothingToOverride`.
    init(
        _ options: EncodingOptions, folder: String, longest: Int, hiddenSize: Int, kinds: Set<CollectionInput.Kind>
    ) throws {
        let wanted = options.wordPooling == .model ? kinds : kinds.subtracting([.words])
        guard !wanted.isEmpty, options.pooling != .paper else { return }
        var convention: SentenceConvention
        if case .mode(let mode)? = options.pooling {
            // Length, prompt and lower-casing are still the folder's where it has them and they can be read.
            convention = SentenceConvention(mode: mode)
            if SentenceConvention.isStated(folder: folder) {
                do {
                    let own = try SentenceConvention.read(folder: folder)
                    (convention.maximumLength, convention.prompt) = (own.maximumLength, own.prompt)
                    (convention.includesPrompt, convention.lowercases) = (own.includesPrompt, own.lowercases)
                } catch let error as any Diagnosable {
                    InputRemark.say("\(folder): its own length, prompt and lower-casing are not used: \(error)")
                }
            }
        } else if options.pooling == .model || options.wordPooling == .model
            || SentenceConvention.isStated(folder: folder)
        {
            convention = try SentenceConvention.read(folder: folder)
        } else {
            if let typed = options.typedOverride {
                throw IndexerError.nothingToOverride(option: typed, folder: folder)
            }
            return
        }
        if let prompt = options.prompt { convention.prompt = prompt }
        if let length = options.maximumLength { convention.maximumLength = length }
        if let length = convention.maximumLength, length >= longest { convention.maximumLength = nil }
        convention.isNormalized = false
        try convention.dense?.requireInput(hiddenSize: hiddenSize)
        guard !convention.isPapers(longest: longest) else { return }
        if wanted.contains(.words) { words = convention }
        if wanted.contains(.sentences) { sentences = convention }
    }
}
