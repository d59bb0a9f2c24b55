import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct PrincipalComponentsTests {
    private func matrix(rows: Int, dimension: Int, seed: UInt64) throws -> VectorMatrix {
        var generator = SeededGenerator(state: seed)
        return try VectorMatrix(
            name: "random",
            (0..<rows).map { _ in (0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) } })
    }

    /// NumPy's singular value decomposition of the centred rows: U S, with our choice of sign.
    @Test func agreesWithNumPy() throws {
        let rows = try matrix(rows: 41, dimension: 96, seed: 3)
        let values = (0..<rows.rowCount).map { row in (0..<rows.dimension).map { Double(rows.row(row)[$0]) } }
        let folder = try TemporaryFolder()
        let input = try folder.write(
            "rows.json", String(decoding: JSONSerialization.data(withJSONObject: values), as: UTF8.self))
        let script = """
            import json, sys, numpy
            rows = numpy.array(json.load(open(sys.argv[1])))
            rows -= rows.mean(0)
            u, s, _ = numpy.linalg.svd(rows, full_matrices=False)
            points = (u * s)[:, :2]
            points *= numpy.sign(points[numpy.abs(points).argmax(0), [0, 1]])
            print(json.dumps({"points": points.tolist(), "shares": (s[:2] ** 2 / (s ** 2).sum()).tolist()}))
            """
        let outcome = try PythonProcess.run(["-c", script, input])
        #expect(outcome.status == 0)
        let found = try JSONDecoder().decode(Reference.self, from: Data(outcome.output.utf8))
        let components = PrincipalComponents(of: rows)
        #expect(components.points.count == 41)
        for (point, expected) in zip(components.points, found.points) {
            #expect(abs(point.x - expected[0]) < 1e-9 && abs(point.y - expected[1]) < 1e-9)
        }
        #expect(abs(components.shares.x - found.shares[0]) < 1e-9 && abs(components.shares.y - found.shares[1]) < 1e-9)
    }

    private struct Reference: Decodable {
        let points: [[Double]]
        let shares: [Double]
    }

    /// Two directions are all there is: distances on the plane are those of the vectors.
    @Test func aPlaneIsSeenWhole() throws {
        let rows = try VectorMatrix(
            name: "plane", [[1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [-1, 0.1, 0], [0.2, -0.9, 0]])
        let components = PrincipalComponents(of: rows)
        #expect(abs(components.shares.x + components.shares.y - 1) < 1e-12)
        for i in 0..<5 {
            for j in 0..<5 {
                let (a, b) = (components.points[i], components.points[j])
                let squared = (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
                #expect(abs(squared - (2 - 2 * rows.innerProduct(i, j))) < 1e-6)
            }
        }
    }

    @Test func littleToSee() throws {
        let one = PrincipalComponents(of: try VectorMatrix(name: "one", [[1, 0]]))
        #expect(one.points.count == 1 && one.points[0] == (0, 0) && one.shares == (0, 0))
        let none = PrincipalComponents(of: try VectorMatrix(name: "none", rows: 0, dimension: 2) { _ in })
        #expect(none.points.isEmpty)
        let same = PrincipalComponents(of: try VectorMatrix(name: "same", [[1, 0], [1, 0], [1, 0]]))
        #expect(same.points.allSatisfy { abs($0.x) < 1e-7 && abs($0.y) < 1e-7 })
    }
}
