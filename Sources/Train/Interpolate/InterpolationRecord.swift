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

extension ModelCard {
    /// Of a checkpoint of `train interpolate`.
    /// - Parameter paths: of the checkpoints, as given.
    static func interpolated(_ interpolation: CheckpointInterpolation, paths: [String]) -> ModelCard {
        let parts = zip(interpolation.checkpoints, interpolation.shares)
        return ModelCard(
            kind: .encoder, bases: zip(paths, interpolation.checkpoints).map { Base(path: $0, checkpoint: $1) },
            languages: [],
            sections: [
                "A weighted mean of checkpoints, made by Polylex (`train interpolate`); `training.json` beside this "
                    + "file says how each of them was trained.\n",
                "## Parts\n\n"
                    + table(
                        ["checkpoint", "share", "fingerprint"],
                        zip(paths, parts).map {
                            [lastName($0), Quantity.fixed($1.1 * 100, places: 2) + " %", $1.0.fingerprint.hex]
                        }),
            ])
    }
}
