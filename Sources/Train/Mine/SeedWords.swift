import Files
import Lexicon

/// The English words whose synsets are fetched: the most frequent ones, minus stop words and entries without a letter.
struct SeedWords: Sendable {
    /// Keyed by bytes; in order of frequency.
    let index: TextIndex
    /// How many of the first entries were stop words, and how many had no letter.
    let stopWords: Int
    let withoutLetter: Int

    /// - Parameters:
    ///   - entries: the first N entries of the English list. N counts before stop words are removed (1,000 entries give
    ///     853 seeds with NLTK's list): the paper can be read either way.
    ///   - stopWords: nil when the rule is off.
    init(entries: TextTable, stopWords list: TextIndex?) {
        var index = TextIndex()
        var stopWords = 0
        var withoutLetter = 0
        for row in 0..<entries.count {
            let word = entries.string(at: row)
            if let list, list.contains(word) {
                stopWords += 1
            } else if !WordTests.hasLetter(word) {
                withoutLetter += 1
            } else {
                index.insert(word)
            }
        }
        self.index = index
        self.stopWords = stopWords
        self.withoutLetter = withoutLetter
    }
}

/// The default list of English stop words: words that carry grammar rather than meaning.
///
/// Of our own writing: pronouns, determiners, auxiliaries, prepositions, conjunctions, particles, question words and
/// the pieces contractions fall into. `--stopwords` takes another list, for example NLTK's, which the paper used.
enum EnglishStopWords {
    static let index = TextIndex(of: TextTable(list.split(whereSeparator: \.isWhitespace).map(String.init)))

    /// A list from a file: words separated by white space of any kind.
    /// - Throws: `LexiconError`, `SystemFault`.
    static func read(path: String) throws -> TextIndex {
        let reader = try LineReader(path: path)
        var index = TextIndex()
        while let line = try reader.next() {
            for word in String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace) {
                index.insert(ReferenceLowercase.lower(String(word)))
            }
        }
        guard index.count > 0 else { throw LexiconError.empty(path: path, expected: "at least one stop word") }
        return index
    }

    private static let list = """
        i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its itself
        we us our ours ourselves they them their theirs themselves one oneself
        this that these those here there
        a an the some any no none each every either neither both all few many much more most less least several such
        who whom whose which what when where why how whoever whatever whichever whenever wherever
        am is are was were be been being do does did doing done have has had having
        can could may might must shall should will would ought cannot
        not nor and or but if so than then as because while until though although unless whether since
        of at by for with without about against between among into onto through during before after above below over
        under to from up down in out on off upon within toward towards per via again further once
        too very just only also even still yet ever never always own same other another else
        i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll we're we've we'd
        we'll they're they've they'd they'll that's that'll there's here's what's who's where's how's let's
        isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't wouldn't shan't
        shouldn't mustn't mightn't needn't ain't
        s t d m ll re ve o y don didn doesn isn aren wasn weren hasn haven hadn couldn wouldn shouldn won ain ma mustn
        mightn needn shan
        """
}
