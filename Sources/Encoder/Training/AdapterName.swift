/// Names of an adapter's parameters in `adapters`' files, without the model's prefix.
enum AdapterName {
    /// The adapter's own name, which its parameters carry.
    static let adapter = "polylex"

    static func down(_ layer: Int) -> String { block(layer) + "adapter_down.0" }
    static func up(_ layer: Int) -> String { block(layer) + "adapter_up" }

    private static func block(_ layer: Int) -> String {
        "encoder.layer.\(layer).output.adapters.\(adapter)."
    }
}
