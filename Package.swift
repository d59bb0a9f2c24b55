// swift-tools-version: 6.1
import PackageDescription

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let staticRuntime: BuildSettingCondition = .when(platforms: [.linux], configuration: .release)

// The rooms and arrows of docs/architecture.md. Arrows go down only: programs → libraries → C modules.
let package = Package(
    name: "Polylex",
    products: [
        .executable(name: "train", targets: ["Train", "StaticRuntime"]),
        .executable(name: "indexer", targets: ["Indexer", "StaticRuntime"]),
        .executable(name: "query", targets: ["Query", "StaticRuntime"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        // C modules: one thin target per native library.
        .target(
            name: "CKernels",
            cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=off"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CFileSystem"),
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "COniguruma", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CFaiss",
            dependencies: ["CKernels"],
            cxxSettings: [.headerSearchPath("openmp")],
            linkerSettings: [.linkedLibrary("faiss"), .linkedLibrary("gomp"), .linkedLibrary("openblas")]),
        .target(name: "CProcess"),

        // Ground floor: what every room may use.
        .target(name: "Diagnostics"),
        .target(name: "Parallelism"),
        .target(name: "Kernels", dependencies: ["CKernels"]),
        .target(name: "Files", dependencies: ["CArchive", "CZlib", "Diagnostics"]),
        .target(name: "Fingerprinting", dependencies: ["CXXHash", "Diagnostics", "Files"]),

        // Libraries.
        .target(name: "Lexicon", dependencies: ["CXXHash", "Diagnostics", "Files", "Fingerprinting"]),
        .target(
            name: "Encoder",
            dependencies: ["COniguruma", "Diagnostics", "Files", "Fingerprinting", "Kernels", "Parallelism"]),
        .target(
            name: "Store",
            dependencies: [
                "CFaiss", "CFileSystem", "CLMDB", "Diagnostics", "Files", "Fingerprinting", "Kernels", "Parallelism",
            ]),
        .target(name: "Evaluation", dependencies: ["Diagnostics", "Fingerprinting", "Kernels", "Parallelism"]),
        .target(
            name: "Console",
            dependencies: ["CProcess", "Diagnostics", "Files", "Parallelism", argumentParser],
            plugins: ["BuildCommit"]),
        .plugin(name: "BuildCommit", capability: .buildTool()),

        .target(
            name: "Server",
            dependencies: ["Diagnostics", "Parallelism", .product(name: "FlyingSocks", package: "FlyingFox")]),

        // What programs that ask a store stand on.
        .target(
            name: "Lookup",
            dependencies: [
                "Lexicon", "Encoder", "Store", "Evaluation", "Diagnostics", "Files", "Fingerprinting", "Kernels",
            ]),

        // Programs: parse, plan, report.
        .executableTarget(
            name: "Train",
            dependencies: [
                "Lookup", "Lexicon", "Encoder", "Store", "Evaluation", "Console", "Diagnostics", "Files",
                "Fingerprinting", "Kernels", argumentParser,
            ]),
        .executableTarget(
            name: "Indexer",
            dependencies: [
                "Lexicon", "Encoder", "Store", "Console", "Diagnostics", "Files", "Fingerprinting", "Kernels",
                "Parallelism", "Yams", .product(name: "Logging", package: "swift-log"),
                argumentParser,
            ]),
        .executableTarget(
            name: "Query",
            dependencies: [
                "Lookup", "Lexicon", "Evaluation", "Store", "Server", "Console", "Diagnostics", "Files", argumentParser,
            ],
            // Inside the program: a page that is served needs no file beside it.
            resources: [
                .embedInCode("Serve/Page/explorer.html"), .embedInCode("Serve/Page/explorer.css"),
                .embedInCode("Serve/Page/explorer.js"), .embedInCode("Serve/Page/icon.svg"),
                .embedInCode("Serve/Page/openapi.json"), .embedInCode("Report/Page/report.css"),
                .embedInCode("Report/Page/report.js"),
            ]),

        // A part of products, of no test: its source says why.
        .target(
            name: "StaticRuntime",
            swiftSettings: [.unsafeFlags(["-static-stdlib"], staticRuntime)],
            linkerSettings: [.unsafeFlags(["-static-stdlib"], staticRuntime)]),

        // Tests mirror the rooms; what several of them need is in TestSupport.
        .target(
            name: "TestSupport", dependencies: ["CArchive", "CZlib", "Fingerprinting", "Store"],
            path: "Tests/TestSupport"),
        .testTarget(
            name: "LookupTests",
            dependencies: [
                "Lookup", "Lexicon", "Encoder", "Store", "Evaluation", "Diagnostics", "Fingerprinting", "TestSupport",
            ]),
        .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
        .testTarget(name: "ParallelismTests", dependencies: ["Parallelism"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "CKernels", "COpenBLAS", "TestSupport"]),
        .testTarget(name: "FilesTests", dependencies: ["CArchive", "CZlib", "Diagnostics", "Files", "TestSupport"]),
        .testTarget(name: "FingerprintingTests", dependencies: ["Fingerprinting"]),
        .testTarget(
            name: "LexiconTests", dependencies: ["CZlib", "Diagnostics", "Files", "Lexicon", "TestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "EncoderTests",
            dependencies: ["Encoder", "Diagnostics", "Files", "Fingerprinting", "Kernels", "CZlib", "TestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Store", "CFaiss", "CLMDB", "Diagnostics", "Files", "Kernels", "TestSupport"],
            exclude: ["Interop"]),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "Fingerprinting", "TestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(name: "ConsoleTests", dependencies: ["Console"]),
        .testTarget(name: "ServerTests", dependencies: ["Server", "TestSupport"]),
        .testTarget(
            name: "IndexerTests",
            dependencies: [
                "Indexer", "Lexicon", "Encoder", "Store", "Console", "Diagnostics", "Files", "Fingerprinting",
                "Kernels",
                "TestSupport",
            ]),
        .testTarget(
            name: "QueryTests",
            dependencies: [
                "Query", "Lookup", "Encoder", "Store", "Evaluation", "Fingerprinting", "Kernels", "TestSupport",
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "TrainTests",
            dependencies: [
                "Train", "Lookup", "Lexicon", "Encoder", "Store", "Evaluation", "Console", "Diagnostics", "Files",
                "Fingerprinting", "TestSupport",
            ],
            exclude: ["Fixtures"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// Built by tools/fuzz alone: it needs libFuzzer, and everything instrumented for it.
if Context.environment["POLYLEX_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: ["Diagnostics", "Encoder", "Files", "Fingerprinting", "Lexicon", "Store", "TestSupport"],
            path: "tools/fuzzing/Fuzz"))
}
