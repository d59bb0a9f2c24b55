import CKernels
import Foundation
import Testing

@testable import Encoder

@Suite struct DropoutTests {
    /// Known answers of Random123 (kat_vectors, philox4x32 10).
    @Test func philoxEqualsItsReference() {
        let cases: [(key: [UInt32], counter: [UInt32], expected: [UInt32])] = [
            ([0, 0], [0, 0, 0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            (
                [0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
            ),
            (
                [0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
            ),
        ]
        for (key, counter, expected) in cases {
            var out = [UInt32](repeating: 0, count: 4)
            ck_philox(key, counter, &out)
            #expect(out == expected)
        }
    }

    private static func factors(
        _ site: UInt32, step: UInt32 = 1, probability: Float = 0.1, firstRow: Int = 0, rows: Int, columns: Int
    ) -> [Float] {
        var dropout = ck_dropout(key: (7, 8), step: (step, 0), site: site, probability: probability)
        var x = [Float](repeating: 1, count: rows * columns)
        ck_dropout_rows(&dropout, &x, firstRow, rows, columns)
        return x
    }

    @Test func factorsFollowPhiloxRowByRow() {
        let columns = 45, rows = 3, found = Self.factors(5, firstRow: 11, rows: rows, columns: columns)
        for r in 0..<rows {
            for c in 0..<columns {
                var words = [UInt32](repeating: 0, count: 4)
                ck_philox([7, 8], [UInt32(c / 4) | 5 << 20, UInt32(11 + r), 1, 0], &words)
                let isDropped = Double(words[c % 4]) < Double(Float(0.1)) * 4_294_967_296
                #expect(found[r * columns + c] == (isDropped ? 0 : 1 / (1 - Float(0.1))), "\(r) \(c)")
            }
        }
        ck_force_portable(1)
        defer { ck_force_portable(0) }
        #expect(Self.factors(5, firstRow: 11, rows: rows, columns: columns) == found)
    }

    @Test func aTenthIsDroppedAndSitesStepsAndRowsAreIndependent() {
        let rows = 400, columns = 256, n = Double(rows * columns)
        // Five standard deviations of a share of n Bernoulli draws.
        func expectShare(_ share: Double, _ p: Double, _ what: String) {
            #expect(abs(share - p) <= 5 * (p * (1 - p) / n).squareRoot(), "\(what): \(share)")
        }
        let one = Self.factors(1, rows: rows, columns: columns).map { $0 == 0 }
        expectShare(Double(one.count { $0 }) / n, 0.1, "dropped")
        let others = [
            ("site", Self.factors(2, rows: rows, columns: columns)),
            ("step", Self.factors(1, step: 2, rows: rows, columns: columns)),
            ("row", Self.factors(1, firstRow: 1, rows: rows, columns: columns)),
        ]
        for (what, other) in others {
            expectShare(Double(zip(one, other).count { $0 && $1 == 0 }) / n, 0.01, "dropped in both: \(what)")
        }
        let neighbours = zip(one, one.dropFirst()).count { $0 && $1 }
        expectShare(Double(neighbours) / n, 0.01, "neighbours")
    }

    @Test(arguments: TrainingFixture.names)
    func noProbabilityIsOffAndAKeyRepeatsItself(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        let batch = item.batch.map(\.sequence), off = model.vectors(batch)
        #expect(model.vectors(batch, dropout: DropoutKey(seed: 1, step: 1, probability: 0)) == off)
        let on = model.vectors(batch, dropout: DropoutKey(seed: 1, step: 1))
        #expect(on != off)
        #expect(model.vectors(batch, dropout: DropoutKey(seed: 1, step: 1)) == on)
        #expect(model.vectors(batch, dropout: DropoutKey(seed: 1, step: 2)) != on)
        #expect(model.vectors(batch, dropout: DropoutKey(seed: 2, step: 1)) != on)
    }

    /// With a key the loss is a fixed function, so its gradient can be measured: forward and backward must draw the same.
    @Test(arguments: ["tiny-bert-adapter", "tiny-xlmr-adapter"])
    func gradientsUnderDropoutAreThoseOfTheForwardPass(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        let batch = item.batch.map(\.sequence), key = DropoutKey(seed: 5, step: 3, probability: 0.3)
        let functional = (0..<batch.count * model.configuration.hiddenSize).map { Float(sin(Double($0))) }
        func loss() -> Double { zip(model.vectors(batch, dropout: key), functional).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        _ = loss()
        model.backward(functional)
        for parameter in [AdapterName.up(0) + ".weight", AdapterName.down(0) + ".weight", AdapterName.up(1) + ".bias"] {
            let gradient = model.gradient(of: parameter), values = model.values(of: parameter)
            // Along the gradient itself, where the slope is its norm; float32 losses allow no better than a per cent.
            let norm = TrainingParity.norm(gradient), h: Float = 2e-3
            func moved(_ by: Float) -> Double {
                model.setValues(zip(values, gradient).map { $0 + by * $1 / norm }, of: parameter)
                return loss()
            }
            let slope = (moved(h) - moved(-h)) / Double(2 * h)
            model.setValues(values, of: parameter)
            #expect(abs(slope / Double(norm) - 1) <= 0.02, "\(parameter): slope \(slope), gradient \(norm)")
        }
    }
}
