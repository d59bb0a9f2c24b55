import Foundation
import Testing

@testable import Console

@Suite struct ProgramVersionTests {
    @Test func aLineForTheReleaseAndOneForEachComponent() {
        #expect(ProgramVersion.text([]) == "Polylex \(ProgramVersion.number)")
        #expect(
            ProgramVersion.text([("kernels", "AVX2 and FMA"), ("LMDB", "0.9.24")])
                == "Polylex \(ProgramVersion.number)\nkernels: AVX2 and FMA\nLMDB: 0.9.24")
    }

    @Test func itIsTheCitedRelease() throws {
        let citation = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../CITATION.cff"), encoding: .utf8)
        #expect(citation.split(separator: "\n").contains("version: \(ProgramVersion.number)"))
    }
}
