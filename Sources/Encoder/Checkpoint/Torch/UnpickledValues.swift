/// What the pickle of a state dictionary is made of, as far as a tensor's description needs it.
extension StateDictionaryUnpickler {
    /// A view of a storage; offset, shape and strides count numbers, not bytes.
    struct Tensor: Equatable {
        let storage: Storage
        let offset: Int
        let shape: [Int]
        let strides: [Int]
    }

    /// A run of numbers beside the pickle.
    struct Storage: Equatable {
        /// Name of the member `data/<key>`.
        let key: String
        /// As safetensors calls it: F32.
        let type: String
        /// Bytes of a number.
        let width: Int
        let count: Int
    }

    /// What a pickle of this kind cannot be.
    struct Fault: Error {
        let reason: String
    }

    /// A dictionary that was read.
    struct Contents {
        var tensors: [String: Tensor]
        /// Names of entries that are no tensors, sorted.
        var others: [String]
        /// How many entries have something else than a text for a name.
        var unnamed: Int
    }

    /// Functions and classes that may be named.
    enum Name {
        case rebuildTensor, rebuildParameter, orderedDictionary, size, device
        case storage(type: String, width: Int)

        init?(module: String, name: String) {
            switch (module, name) {
            case ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
            case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
            case ("collections", "OrderedDict"): self = .orderedDictionary
            case ("torch", "Size"): self = .size
            case ("torch", "device"): self = .device
            case ("torch", _):
                guard let (type, width) = Self.storages[name] else { return nil }
                self = .storage(type: type, width: width)
            default: return nil
            }
        }

        private static let storages: [String: (String, Int)] = [
            "DoubleStorage": ("F64", 8), "FloatStorage": ("F32", 4), "HalfStorage": ("F16", 2),
            "BFloat16Storage": ("BF16", 2), "LongStorage": ("I64", 8), "IntStorage": ("I32", 4),
            "ShortStorage": ("I16", 2), "CharStorage": ("I8", 1), "ByteStorage": ("U8", 1), "BoolStorage": ("BOOL", 1),
        ]
    }

    enum Value {
        /// A number, list or anything else no tensor is made of.
        case other
        case none
        case integer(Int)
        /// Its place among the texts of the pickle.
        case text(Int)
        case tuple([Value], depth: Int)
        case name(Name)
        indirect case storage(Storage)
        indirect case tensor(Tensor)
        case dictionary(Entries)

        /// Tuples above it.
        var depth: Int { if case .tuple(_, let depth) = self { depth } else { 0 } }
    }

    /// A dictionary. It keeps tensors alone, so that no dictionary can hold another, or itself.
    final class Entries {
        /// By the text that is the name; nil where the value is no tensor.
        var values: [Int: (tensor: Tensor?, order: Int)] = [:]
        var setCount = 0
        var unnamed = 0
    }
}
