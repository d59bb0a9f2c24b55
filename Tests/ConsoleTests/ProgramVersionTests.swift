import Foundation
import Testing

@testable import Console

@Suite struct ProgramVersionTests {
    @Test func aLineForTheReleaseAndOneForEachComponent() {
        let components = [("kernels", "AVX2 and FMA"), ("LMDB", "0.9.24")]
        #expect(ProgramVersion.text([], commit: nil) == "Polylex \(ProgramVersion.number)")
        #expect(
            ProgramVersion.text(components, commit: nil)
                == "Polylex \(ProgramVersion.number)\nkernels: AVX2 and FMA\nLMDB: 0.9.24")
        #expect(
            ProgramVersion.text(components, commit: "0123456789ab and changes")
                == "Polylex \(ProgramVersion.number)\ncommit: 0123456789ab and changes\nkernels: AVX2 and FMA\n"
                + "LMDB: 0.9.24")
    }

    @Test func itIsTheCitedRelease() throws {
        let citation = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../CITATION.cff"), encoding: .utf8)
        #expect(citation.split(separator: "\n").contains("version: \(ProgramVersion.number)"))
    }
}
