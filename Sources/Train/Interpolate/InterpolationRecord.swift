import Console
import Encoder
import Files

/// The `training.json` of an averaged checkpoint: its parts, their shares, and how each of them was made.
enum InterpolationRecord {
    static func json(_ interpolation: CheckpointInterpolation, paths: [String]) throws -> JSONValue {
        [
            "format": 1,
            "checkpoint": ["kind": "interpolation"],
            "interpolation": ["models": try models(interpolation, paths: paths), "sum": "float64, rounded to float32"],
        ]
    }

    /// In the order given. `training` is the contents of a checkpoint's own training.json, as text; null without one.
    static func models(_ interpolation: CheckpointInterpolation, paths: [String]) throws -> JSONValue {
        .array(
            try zip(zip(interpolation.checkpoints, interpolation.shares), paths).map { part, path in
                [
                    "path": .text(path), "share": .number(part.1), "fingerprint": .text(part.0.fingerprint.hex),
                    "training": try part.0.training().map { .text($0) } ?? .null,
                ]
            })
    }
}
