import Files

/// A file of `torch.save` that holds a dictionary of tensors, with the places of their numbers in it: what
/// `SafetensorsFile` is for a `.safetensors` file. No code of the pickle is run.
///
/// Tensors may lie in any order (a checkpoint converted from TensorFlow has transposed ones) and share their numbers
/// with others; one that repeats numbers is refused.
struct StateDictionaryFile {
    let file: MappedFile
    let entries: [String: SafetensorsFile.Entry]
    /// Names of entries that are no tensors, sorted.
    let others: [String]

    /// A pickle describes tensors, some hundred bytes each; it does not hold them.
    private static let maximumPickleBytes = 16 << 20

    /// - Throws: `CheckpointError.stateDictionary`, `FileError`, `SystemFault`.
    init(path: String) throws {
        let file = try MappedFile(path: path).refusingForeign()
        self.file = file
        let start = file.withBytes { Array($0.prefix(4)) }
        guard start == Array("PK\u{3}\u{4}".utf8) else {
            throw CheckpointError.stateDictionary(path: path, reason: Self.other(file))
        }
        let zip = try StoredZip(file)
        let pickles = zip.members.keys.filter { $0.hasSuffix("/data.pkl") }
        guard pickles.count == 1 else {
            throw Self.fault(file, "it has \(pickles.count) members data.pkl, expected 1: torch.save did not write it")
        }
        let root = String(pickles[0].dropLast("data.pkl".count))
        let pickle = try Self.member(root + "data.pkl", zip, file)
        guard pickle.count <= Self.maximumPickleBytes else {
            throw Self.fault(
                file,
                "data.pkl has \(pickle.count) bytes, expected \(Self.maximumPickleBytes) at most; is this a checkpoint?"
            )
        }
        if zip.members[root + "byteorder"] != nil {
            let order = try Self.member(root + "byteorder", zip, file)
            guard file.data(order) == Array("little".utf8).withUnsafeBytes({ .init($0) }) else {
                throw Self.fault(file, "it was written on a big-endian machine; convert it there with PyTorch")
            }
        }
        let contents: StateDictionaryUnpickler.Contents
        do {
            contents = try file.withBytes {
                try StateDictionaryUnpickler.read(UnsafeRawBufferPointer(rebasing: $0[pickle]))
            }
        } catch let fault as StateDictionaryUnpickler.Fault {
            throw Self.fault(file, fault.reason)
        }
        others = contents.others
        // A training's checkpoint: the weights are one of its entries, and dictionaries in dictionaries are not kept.
        guard !contents.tensors.isEmpty || others.isEmpty else {
            let shown = others.prefix(5).joined(separator: ", ") + (others.count > 5 ? ", …" : "")
            throw Self.fault(
                file,
                "it has no tensor, only \(shown); save the dictionary with the weights alone, with "
                    + "torch.save(torch.load(FILE)[\"state_dict\"], FILE)")
        }
        entries = try Self.entries(contents.tensors, root: root, zip, file)
    }

    private static func entries(
        _ tensors: [String: StateDictionaryUnpickler.Tensor], root: String, _ zip: StoredZip, _ file: MappedFile
    ) throws -> [String: SafetensorsFile.Entry] {
        var entries: [String: SafetensorsFile.Entry] = [:], places: [String: Range<Int>] = [:]
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let storage = tensor.storage
            let place = try places[storage.key] ?? member("\(root)data/\(storage.key)", zip, file)
            places[storage.key] = place
            let (bytes, overflow) = storage.count.multipliedReportingOverflow(by: storage.width)
            guard !overflow, bytes == place.count else {
                throw fault(
                    file,
                    "the numbers of \(name.prefix(100)) have \(place.count) bytes, expected \(storage.count) × "
                        + "\(storage.width); fetch it again")
            }
            guard let (count, isRowMajor) = layout(tensor), count <= storage.count else {
                throw fault(
                    file,
                    "\(name.prefix(100)) repeats numbers of its storage; save it with .contiguous(), or as "
                        + "safetensors")
            }
            // It lies in its storage, and the storage in the file: nothing overflows.
            let start = place.lowerBound + tensor.offset * storage.width
            let end = isRowMajor ? start + count * storage.width : place.upperBound
            entries[name] = SafetensorsFile.Entry(
                typeName: storage.type, shape: tensor.shape, range: start..<end,
                strides: isRowMajor ? nil : tensor.strides)
        }
        return entries
    }

    /// How many numbers the tensor has, and whether they lie row by row; nil when they are past counting.
    private static func layout(_ tensor: StateDictionaryUnpickler.Tensor) -> (count: Int, isRowMajor: Bool)? {
        guard !tensor.shape.contains(0) else { return (0, true) }
        var count = 1, isRowMajor = true
        for (extent, stride) in zip(tensor.shape, tensor.strides).reversed() {
            isRowMajor = isRowMajor && (extent == 1 || stride == count)
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            count = product
        }
        return (count, isRowMajor)
    }

    private static func member(_ name: String, _ zip: StoredZip, _ file: MappedFile) throws -> Range<Int> {
        guard let member = zip.members[name] else {
            throw fault(file, "the member \(name.prefix(60)) is missing; fetch it again")
        }
        try StoredZip.verify(member, named: name, in: file)
        return member.range
    }

    private static func fault(_ file: MappedFile, _ reason: String) -> CheckpointError {
        .stateDictionary(path: file.path, reason: reason)
    }

    /// What a file that is no zip archive is.
    private static func other(_ file: MappedFile) -> String {
        let isOld = file.withBytes { bytes in
            // A pickle of a magic number, or a tar archive.
            bytes.starts(with: [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46]) || ContentKind(bytes) == .tar
        }
        return isOld
            ? "it has the format from before PyTorch 1.6; write it anew with torch.save(torch.load(FILE, "
                + "weights_only=True), FILE), or convert a checkpoint's folder with tools/convert-checkpoint"
            : "it is no file of torch.save; fetch it again"
    }
}
