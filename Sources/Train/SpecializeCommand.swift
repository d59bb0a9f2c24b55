import ArgumentParser

/// `train specialize`
struct SpecializeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "specialize", abstract: "Not yet: specialise a checkpoint with constraints.",
        discussion: "Example (of the release to come):\n  train specialize --model mbert --constraints constraints.tsv --out babelbert")

    @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

    func run() throws {
        throw TrainError.notYet(
            command: "specialize", purpose: "fine-tune a checkpoint on constraints with a contrastive loss",
            meanwhile: "Until then, bring a specialised checkpoint of your own: 'indexer build' takes any Hugging Face "
                + "folder; 'train mine' writes the constraints, also in the layout the reference's training code reads")
    }
}
