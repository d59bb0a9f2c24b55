import Evaluation
import Fingerprinting
import Store

/// What vectors a result is computed on: a stored layer of a collection, or the mean of several.
struct LayerView {
    /// Ascending, at least one.
    let layers: [LayerRecord]
    /// "0-8:mean"; nil for a layer as it is.
    let mean: String?

    /// The layer; of a mean the highest one.
    var number: Int { layers[layers.count - 1].layer }
    /// What tables call it: "12", "0-8:mean".
    var name: String { mean ?? "\(number)" }
    var collection: String { layers[0].collection }
    var rows: Int { layers[0].rows }
    var dimension: Int { layers[0].dimension }
    var fingerprints: [Fingerprint] { layers.map(\.fingerprint) }
    var codecs: String { Set(layers.map(\.codec.rawValue)).sorted().joined(separator: ",") }
}

extension LayerChoice {
    /// The views asked for that every one of several collections has.
    /// - Parameter stored: the layers of each collection, ascending.
    /// - Returns: by view, one element for each collection; empty when a mean lacks a layer.
    func views(_ stored: [[LayerRecord]]) -> [[LayerView]] {
        let shared = Self.shared(stored)
        func records(_ numbers: [Int]) -> [[LayerRecord]] {
            stored.map { own in numbers.compactMap { number in own.first { $0.layer == number } } }
        }
        if case .mean(let numbers) = self {
            guard numbers.allSatisfy(shared.contains) else { return [] }
            return [records(numbers).map { LayerView(layers: $0, mean: Self.name(ofMean: numbers)) }]
        }
        return among(shared).map { number in records([number]).map { LayerView(layers: $0, mean: nil) } }
    }

    /// Why there are no views, for messages.
    func reasonWithoutViews(_ stored: [[LayerRecord]], sides: String) -> String {
        let shared = Self.shared(stored)
        let list = shared.isEmpty ? "none" : shared.map(String.init).joined(separator: ", ")
        if case .mean(let numbers) = self {
            let absent = numbers.filter { !shared.contains($0) }.map(String.init).joined(separator: ", ")
            return "the mean needs layers that are not stored for \(sides): \(absent); stored for both: \(list)"
        }
        return "none of the layers asked for is stored for \(sides); stored for both: \(list)"
    }

    private static func shared(_ stored: [[LayerRecord]]) -> [Int] {
        (stored.first ?? []).map(\.layer).filter { layer in stored.allSatisfy { $0.contains { $0.layer == layer } } }
    }
}

extension StoredCheckpoint {
    /// A layer's rows as they are stored, or the mean of several layers' unit rows.
    func rows(of view: LayerView) throws -> any VectorRows {
        if view.layers.count == 1 { return try rows(of: view.layers[0]) }
        return try AveragedRows(
            name: "\(name) \(view.collection) layers \(view.name)", try view.layers.map { try rows(of: $0) })
    }
}

extension ResultRecord {
    /// What tables call the layer.
    package var layerName: String { mean ?? "\(layer)" }
}
