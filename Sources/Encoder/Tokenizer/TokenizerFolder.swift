/// Finds out which tokenizer a Hugging Face folder holds and loads it.
package enum TokenizerFolder {
    package static func load(_ folder: String) throws -> any Tokenizer {
        throw TokenizerError.unrecognised(folder: folder)
    }
}
import Fingerprinting

extension TokenizerFolder {
    /// Hash of the files that define tokenization.
    package static func fingerprint(_ folder: String) throws -> Fingerprint { Fingerprint(high: 0, low: 0) }
}
