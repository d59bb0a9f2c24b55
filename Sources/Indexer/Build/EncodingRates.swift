import Files
import Store

/// How fast builds on this machine have encoded: the last rate of each shape of model and number of threads, in the
/// user's cache folder. For forecasts alone; nothing that is stored depends on it.
struct EncodingRates {
    /// A shorter measurement says little.
    static let worthwhileSeconds = 5.0
    private static let most = 64
    private let file: UserCacheFile

    init(cacheFolder: String?) {
        file = UserCacheFile(
            "encoding-rates", heading: "polylex encoding rates 1", limit: 1 << 16, in: cacheFolder)
    }

    /// The user's own.
    static var usual: EncodingRates { EncodingRates(cacheFolder: UserCacheFile.usualFolder()) }

    /// "x86-64_fma 12 768 8": arithmetic, blocks, C, threads.
    private static func key(_ highestLayer: Int, _ hiddenSize: Int, _ threads: Int) -> String {
        let arithmetic = Computation.ofEngine.arithmetic.map { $0 == " " ? "_" : String($0) }.joined()
        return "\(arithmetic) \(highestLayer) \(hiddenSize) \(threads)"
    }

    /// Tokens a second; nil when no build of this shape was measured.
    /// - Parameter hiddenSize: C of the model, whatever a Dense makes of its vectors.
    func tokensPerSecond(highestLayer: Int, hiddenSize: Int, threads: Int) -> Double? {
        let key = Self.key(highestLayer, hiddenSize, threads) + " "
        let rate = file.lines().last { $0.hasPrefix(key) }.flatMap { Double($0.dropFirst(key.count)) }
        return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    func remember(tokens: Int, seconds: Double, highestLayer: Int, hiddenSize: Int, threads: Int) {
        guard tokens > 0, seconds >= Self.worthwhileSeconds else { return }
        let key = Self.key(highestLayer, hiddenSize, threads) + " "
        file.write(
            file.lines().filter { !$0.hasPrefix(key) }.suffix(Self.most - 1) + [key + "\(Double(tokens) / seconds)"])
    }
}
