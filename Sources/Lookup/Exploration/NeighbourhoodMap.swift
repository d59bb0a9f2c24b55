import Evaluation

/// A word and its nearest words of another language as points on a plane.
package struct NeighbourhoodMap: Sendable {
    package struct Point: Sendable {
        package let x: Double
        package let y: Double
    }

    package let translation: Translation
    package let query: Point
    /// Of each of the translation's results.
    package let results: [Point]
    /// Which share of the variance of these vectors the two axes have: the rest is not seen.
    package let shares: (x: Double, y: Double)
}

extension Translator {
    /// The first two principal components of a word's vector and those of its answers.
    package func map(_ word: String) throws -> NeighbourhoodMap {
        let (translator, asked) = try question(word)
        let translation = try translator.translate(asked)
        let (vector, _) = try translator.vector(of: word, stored: asked.stored.first)
        let neighbours = try VectorMatrix(gathering: translation.results.map(\.row), of: translator.candidates)
        let dimension = vector.dimension
        let all = try VectorMatrix(
            name: "the neighbourhood of '\(word)'", rows: 1 + neighbours.rowCount, dimension: dimension
        ) { output in
            output.update(from: vector.row(0), count: dimension)
            neighbours.decode(rows: 0..<neighbours.rowCount, into: output + dimension)
        }
        let components = PrincipalComponents(of: all)
        let points = components.points.map { NeighbourhoodMap.Point(x: $0.x, y: $0.y) }
        return NeighbourhoodMap(
            translation: translation, query: points[0], results: Array(points.dropFirst()), shares: components.shares)
    }
}
