import Diagnostics
import Files
import Foundation
import Kernels

extension TrainableTransformer {
    /// Writes a folder that `Checkpoint`, `transformers` and (adapters) `adapters` load.
    ///
    /// Full training: `model.safetensors` in float32 (a pooler is copied), `config.json`, the tokenizer's files.
    /// Adapters: `adapter_config.json`, whose "model_name" is the base's folder, and the weights twice:
    /// `adapter.safetensors`, and `pytorch_adapter.bin`, which `adapters` looks for unless it is told otherwise.
    /// The folder takes its name when it is complete; one that stood there before is removed after that.
    /// - Parameter extraFiles: further text files, by name.
    /// - Throws: `SystemFault` (a full disk among them), leaving what was there.
    package func writeCheckpoint(to folder: String, extraFiles: [String: String]) throws {
        let replacement = try FolderReplacement(folder)
        do {
            if method == .full { try writeModel(replacement) } else { try writeAdapter(replacement) }
            for (name, text) in extraFiles.sorted(by: { $0.key < $1.key }) {
                precondition(!name.contains("/") && !name.isEmpty, "\(name) is no file name")
                try replacement.write(name, Data(text.utf8))
            }
            try replacement.finish()
        } catch {
            replacement.abandon()
            throw error
        }
    }

    private func writeModel(_ replacement: FolderReplacement) throws {
        let parameters = configuration.parameters, pooler = checkpoint.tensors.pooler
        let writer = try SafetensorsWriter(
            path: replacement.temporary + "/model.safetensors",
            tensors: parameters + pooler.map { ($0.name, $0.tensor.shape) })
        let places = trainedParts
        let row = FloatBuffer(count: configuration.hiddenSize)
        try withExtendedLifetime(row) {
            for (name, _) in parameters {
                if let parts = places[name] {
                    for (tensor, part) in parts {
                        try writer.append(tensor.value.pointer + part.offset, count: part.count)
                    }
                } else {
                    for id in 0..<configuration.vocabularySize {
                        embeddings.words.read(id: id, into: row.pointer)
                        try writer.append(row.pointer, count: row.count)
                    }
                }
            }
        }
        for (_, tensor) in pooler {
            try tensor.read().withUnsafeBufferPointer { try writer.append($0.baseAddress!, count: $0.count) }
        }
        try writer.finish()
        try replacement.write("config.json", CheckpointFiles.configuration(of: checkpoint))
        try CheckpointFiles.copyTokenizer(from: checkpoint.folder, into: replacement)
    }

    private func writeAdapter(_ replacement: FolderReplacement) throws {
        var tensors: [(name: String, shape: [Int])] = [], places: [(ParameterTensor, ParameterTensor.Part)] = []
        for tensor in trainedTensors {
            for part in tensor.parts {
                tensors.append((part.name, part.shape))
                places.append((tensor, part))
            }
        }
        let writer = try SafetensorsWriter(
            path: replacement.temporary + "/" + AdapterFolder.weightsName, tensors: tensors)
        for (tensor, part) in places { try writer.append(tensor.value.pointer + part.offset, count: part.count) }
        try writer.finish()
        if TorchArchive.holds(floats: tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }, tensors: tensors.count) {
            let contents = places.map { tensor, part in
                TorchArchive.Tensor(name: part.name, shape: part.shape, values: tensor.value.pointer + part.offset)
            }
            try TorchArchive.write(contents, to: replacement.temporary + "/" + AdapterFolder.pickledWeightsName)
        }
        try replacement.write(AdapterFolder.configurationName, adapterConfiguration())
    }

    /// As `adapters` 1.3 writes a SeqBnConfig; as text, because it tells `1.0` from `1`.
    private func adapterConfiguration() throws -> Data {
        guard case .adapter(let reduction, _) = method else { return Data() }
        let base = URL(fileURLWithPath: checkpoint.folder).standardizedFileURL.path
        let text = """
            {
              "config": {
                "adapter_residual_before_ln": false, "cross_adapter": false, "dropout": 0.0, "factorized_phm_W": true,
                "factorized_phm_rule": false, "hypercomplex_nonlinearity": "glorot-uniform", "init_weights": "bert",
                "init_weights_seed": null, "inv_adapter": null, "inv_adapter_reduction_factor": null, "is_parallel": \
                false,
                "learn_phm": true, "leave_out": [], "ln_after": false, "ln_before": false, "mh_adapter": false,
                "non_linearity": "relu", "original_ln_after": true, "original_ln_before": true, "output_adapter": true,
                "phm_bias": true, "phm_c_init": "normal", "phm_dim": 4, "phm_init_range": 0.0001, "phm_layer": false,
                "phm_rank": 1, "reduction_factor": \(reduction), "residual_before_ln": true, "scaling": 1.0,
                "shared_W_phm": false, "shared_phm_rule": true, "stochastic_depth": 0.0, "use_gating": false
              },
              "hidden_size": \(configuration.hiddenSize),
              "model_class": "\(configuration.architecture.adapterModelClass)",
              "model_name": \(JSONValue.text(base).line),
              "model_type": "\(configuration.architecture.name)",
              "name": "\(BottleneckAdapter.ownName)",
              "version": "adapters.1.3.0"
            }

            """
        return Data(text.utf8)
    }
}
