/// What is trained.
package enum TrainingMethod: Hashable, Sendable {
    /// Every parameter of the encoder, embeddings included; what stands on top of it (a pooler) is not touched.
    case full
    /// Pfeiffer adapters (Pfeiffer et al. 2021, "AdapterFusion"): the checkpoint stays as it is, one bottleneck of
    /// C / reduction units after the feed-forward of every block is trained. `seed` draws the initial weights.
    case adapter(reduction: Int, seed: UInt64)
}
