"""The checkpoint a training starts from, and the half-precision copy of what comes out."""

import json
import os

import numpy
from safetensors.numpy import load_file, save_file

from . import vocabulary

# BERT's own standard deviation of weights (initializer_range).
DEVIATION = 0.02


def layers(folder):
    """The number of a checkpoint's last layer."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        return json.load(file)["num_hidden_layers"]


def configuration(pieces, hidden, layers, intermediate, data_type):
    return {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": hidden,
        "num_hidden_layers": layers, "num_attention_heads": hidden // 64, "intermediate_size": intermediate,
        "vocab_size": pieces, "max_position_embeddings": vocabulary.POSITIONS, "type_vocab_size": 2, "pad_token_id": 0,
        "position_embedding_type": "absolute", "initializer_range": DEVIATION, "layer_norm_eps": 1e-12,
        # A dropout of 0: a training that repeats each pair a few times at most has nothing to overfit.
        "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "torch_dtype": data_type,
    }


def write_configuration(folder, values):
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump(values, file, indent=2)
        file.write("\n")


def write_template(folder, pieces, hidden, layers, intermediate):
    """All of a checkpoint but its weights, which tools/make-random-checkpoint --like draws."""
    os.makedirs(folder, exist_ok=True)
    vocabulary.write(folder, pieces)
    write_configuration(folder, configuration(len(pieces), hidden, layers, intermediate, "float32"))


def write_half_precision(trained, folder):
    """A copy of a trained folder with F16 weights: what users load, half the size."""
    os.makedirs(folder, exist_ok=True)
    for name in ("vocab.txt", "tokenizer_config.json"):
        with open(os.path.join(trained, name), "rb") as source, open(os.path.join(folder, name), "wb") as target:
            target.write(source.read())
    with open(os.path.join(trained, "config.json"), encoding="utf-8") as file:
        values = json.load(file)
    values["torch_dtype"] = "float16"
    write_configuration(folder, values)
    weights = load_file(os.path.join(trained, "model.safetensors"))
    with numpy.errstate(over="ignore"):
        halves = {name: values.astype(numpy.float16) for name, values in weights.items()}
    if not all(numpy.isfinite(values).all() for values in halves.values()):
        raise ValueError(f"{trained}: a weight is too large for float16")
    target = os.path.join(folder, "model.safetensors")
    save_file(halves, target, metadata={"format": "pt"})
    os.chmod(target, 0o644)
