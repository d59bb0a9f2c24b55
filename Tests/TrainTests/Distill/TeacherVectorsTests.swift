import Evaluation
import Foundation
import Lookup
import Store
import TestSupport
import Testing

@testable import Train

@Suite struct TeacherVectorsTests {
    private let fixture: QueryFixture
    private let teacher: CheckpointRecord

    /// Words of two languages at layers 1 and 2, sentences at layer 2 alone; three values a vector.
    init() throws {
        fixture = try QueryFixture()
        teacher = QueryFixture.checkpoint("big", hiddenSize: 3)
        try fixture.publish(
            "words/en", ["house", "dog", "cat"],
            layers: [1: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], 2: [[3, 4, 0], [4, 3, 0], [0, 5, 0]]], checkpoint: teacher)
        try fixture.publish(
            "words/fi", ["talo", "koira"], layers: [1: [[1, 1, 0], [0, 1, 1]], 2: [[5, 0, 0], [3, 4, 0]]],
            checkpoint: teacher)
        try fixture.publish(
            "sentences/eng-fin/fin", ["koira on talossa"], layers: [2: [[0, 3, 4]]], checkpoint: teacher)
    }

    private func vectors(
        layer: Int? = nil, _ names: [String] = [], centers: Bool = false, dimension: Int = 3
    ) throws -> TeacherVectors {
        try TeacherVectors(
            CheckpointChoice.one(nil, in: fixture.store, results: false), layer: layer, names: names,
            centers: centers, student: "small", dimension: dimension)
    }

    private func rows(_ vectors: TeacherVectors, _ collection: Int) throws -> [[Float]] {
        let rows = vectors.collections[collection].rows
        var output = [Float](repeating: 0, count: rows.rowCount * rows.dimension)
        try rows.decode(rows: 0..<rows.rowCount, into: &output)
        return stride(from: 0, to: output.count, by: rows.dimension).map { Array(output[$0..<$0 + rows.dimension]) }
    }

    @Test func theHighestLayerOfEverythingIsTaken() throws {
        let all = try vectors()
        #expect(all.layer == 2 && all.keptShare == nil && all.leftOut.isEmpty)
        #expect(all.collections.map(\.record.collection) == ["sentences/eng-fin/fin", "words/en", "words/fi"])
        #expect(try rows(all, 2) == [[1, 0, 0], [0.6, 0.8, 0]])
        // A collection without the layer is not passed over in silence.
        let first = try vectors(layer: 1)
        #expect(first.collections.map(\.record.collection) == ["words/en", "words/fi"])
        #expect(first.leftOut.map(\.collection) == ["sentences/eng-fin/fin"])
        #expect(first.leftOut.map(\.reason) == ["no vectors of this layer"])
        #expect(first.fingerprint != all.fingerprint)
        #expect(try vectors().fingerprint == all.fingerprint)
    }

    @Test func collectionsAreChosenByNameOrKind() throws {
        #expect(try vectors(["words"]).collections.map(\.record.collection) == ["words/en", "words/fi"])
        #expect(try vectors(["sentences", "words/fi"]).collections.count == 2)
        for name in ["words/sv", "word", "sentences/eng-fin/eng"] {
            #expect(
                throws: DistillError.unknownCollection(
                    folder: fixture.store.folder, teacher: "big", name: name,
                    known: ["sentences/eng-fin/fin", "words/en", "words/fi"])
            ) { try vectors([name]) }
        }
        #expect(
            throws: DistillError.noVectors(folder: fixture.store.folder, teacher: "big", layer: 7, known: [1, 2])
        ) { try vectors(layer: 7) }
    }

    @Test func eachCollectionsMeanIsSubtracted() throws {
        let centred = try rows(vectors(["words/fi"], centers: true), 0)
        let expected: [[Float]] = [[0.2, -0.4, 0], [-0.2, 0.4, 0]]
        for (row, wanted) in zip(centred, expected) {
            #expect(zip(row, wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(row)")
        }
    }

    /// In the plane in which all words of layer 2 lie nothing is lost.
    @Test func aNarrowerStudentHasTheSameCosines() throws {
        let whole = try vectors(["words"]), reduced = try vectors(["words"], dimension: 2)
        #expect(abs((reduced.keptShare ?? 0) - 1) < 1e-9 && reduced.originalDimension == 3)
        let before = try rows(whole, 0) + rows(whole, 1), after = try rows(reduced, 0) + rows(reduced, 1)
        for i in before.indices {
            for j in before.indices {
                let wanted = zip(before[i], before[j]).reduce(0) { $0 + $1.0 * $1.1 }
                let found = zip(after[i], after[j]).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(wanted - found) < 1e-6, "\(i) \(j)")
            }
        }
        #expect(try vectors(["words"], dimension: 1).keptShare ?? 1 < 0.999)
        #expect(
            throws: DistillError.studentTooWide(student: "small", dimension: 4, teacher: "big", teacherDimension: 3)
        ) { try vectors(dimension: 4) }
    }

    /// Of one text alone nothing is left without the mean; in one dimension nothing of what lies across it.
    @Test func aVectorThatLosesItsDirectionIsNamed() throws {
        #expect(
            throws: DistillError.noDirection(collection: "sentences/eng-fin/fin", text: "koira on talossa")
        ) { try vectors(["sentences"], centers: true) }
        try fixture.publish(
            "words/sv", ["hus", "hund", "katt"], layers: [2: [[1, 0, 0], [1, 0, 0], [0, 1, 0]]], checkpoint: teacher)
        #expect(throws: DistillError.noDirection(collection: "words/sv", text: "katt")) {
            try vectors(["words/sv"], dimension: 1)
        }
    }

    /// Vectors of a teacher's earlier weights are another model's.
    @Test func whatEarlierWeightsEncodedIsSaid() throws {
        let newer = QueryFixture.checkpoint("big", version: 2, hiddenSize: 3)
        try fixture.publish("words/en", ["house"], layers: [2: [[0, 1, 0]]], checkpoint: newer)
        let found = try vectors()
        #expect(found.collections.map(\.record.collection) == ["words/en"])
        #expect(found.leftOut.map(\.collection) == ["sentences/eng-fin/fin", "words/fi"])
        #expect(Set(found.leftOut.map(\.reason)) == ["of earlier weights"])
    }

    /// Found before the first step, not in a batch hours later.
    @Test func aVectorWithoutDirectionIsNamed() throws {
        try fixture.publish(
            "words/sv", ["hus", "hund"], layers: [2: [[1, 0, 0], [.nan, 0, 0]]], checkpoint: teacher)
        let error = #expect(throws: EvaluationError.self) { try vectors() }
        #expect(error?.description.contains("words/sv") == true && error?.description.contains("row 1") == true)
    }
}
