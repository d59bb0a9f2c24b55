import Console
import Encoder

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
