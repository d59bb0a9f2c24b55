/// Names of an adapter's parameters in `adapters`' files, without the model's prefix.
enum AdapterName {
    /// The name of the adapters trained here.
    static let own = "polylex"

    static func down(_ layer: Int, adapter: String = own) -> String { block(layer, adapter) + "adapter_down.0" }
    static func up(_ layer: Int, adapter: String = own) -> String { block(layer, adapter) + "adapter_up" }

    private static func block(_ layer: Int, _ adapter: String) -> String {
        ParameterName.block(layer, "output.adapters.\(adapter).")
    }
}
