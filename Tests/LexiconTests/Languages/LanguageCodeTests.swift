import Testing

@testable import Lexicon

@Suite struct LanguageCodeTests {
    @Test(arguments: [
        ("FIN", "fi"), ("fin", "fi"), ("fi", "fi"), ("CMN", "zh"), ("CYM", "cy"), ("ENG", "en"), ("EST", "et"),
        ("FRA", "fr"),
        ("HEB", "he"), ("POL", "pl"), ("RUS", "ru"), ("SPA", "es"), ("SWA", "sw"), ("YUE", "yue"), ("fre", "fr"),
        ("ger", "de"),
        ("pes", "fa"), ("arb", "ar"), ("zsm", "ms"), ("swh", "sw"), ("ekk", "et"), ("nob", "nb"), ("tgl", "tl"),
        ("hrv", "hr"),
        ("gsw", "gsw"), ("qq", "qq"), ("zh_classical", "zh-classical"), ("sr-Latn", "sr-latn"), ("zho-Hans", "zh-hans"),
        ("", ""),
    ])
    func oneSpellingForEveryCode(code: String, canonical: String) {
        #expect(LanguageCode.canonical(code) == canonical)
        #expect(LanguageCode.areSame(code, canonical))
    }

    @Test func theTableHoldsISO639() {
        #expect(LanguageCode.threeLetter.count == 184)
        #expect(LanguageCode.iso639_1(of: "FIN") == "fi")
        #expect(LanguageCode.iso639_1(of: "yue") == nil)
        #expect(LanguageCode.iso639_1(of: "xx") == nil)
        #expect(LanguageCode.iso639_3(of: "fi") == "fin")
        #expect(LanguageCode.iso639_3(of: "CMN") == "zho")
        #expect(LanguageCode.iso639_3(of: "xxx") == nil)
        #expect(!LanguageCode.areSame("FIN", "EST"))
        for (two, three) in LanguageCode.threeLetter {
            #expect(two.utf8.count == 2 && three.utf8.count == 3, "\(two):\(three)")
            #expect(LanguageCode.iso639_1(of: three) == two)
        }
        for (three, two) in LanguageCode.twoLetter {
            #expect(three.utf8.count == 3 && LanguageCode.threeLetter[two] != nil, "\(two):\(three)")
        }
    }

    @Test func wellFormedCodes() {
        for code in ["fi", "yue", "sr-Latn", "zh_classical", "be_x_old", "pt-BR"] {
            #expect(LanguageCode.isWellFormed(code))
        }
        for code in [
            "", "f", "fi-", "-fi", "fi--x", "FI", "finn", "f1", "fi-subtagtoolong", "fi/..", "\u{444}\u{438}", "fi x",
        ] {
            #expect(!LanguageCode.isWellFormed(code), "\(code)")
        }
        #expect(LanguageCode.isPlain("fi"))
        #expect(!LanguageCode.isPlain("f-i"))
    }
}
