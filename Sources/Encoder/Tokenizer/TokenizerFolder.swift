/// Finds out which tokenizer a Hugging Face folder holds and loads it.
package enum TokenizerFolder {
    package static func load(_ folder: String) throws -> any Tokenizer {
        throw TokenizerError.unrecognised(folder: folder)
    }
}
