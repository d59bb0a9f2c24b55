/// Language codes of file names: which are well-formed, and which mean the same language.
///
/// Files use ISO 639-1 (`fi`), ISO 639-3 (`fin`), the older bibliographic codes (`fre`, `ger`) or upper case (`FIN`).
/// `canonical` maps all of these to one spelling, so that a test set's FIN finds the stored `words/fi`.
package enum LanguageCode {
    /// Two or three lower-case letters, then subtags of one to ten letters or digits after `-` or `_`.
    package static func isWellFormed(_ code: String) -> Bool {
        let parts = code.utf8.split(whereSeparator: { $0 == 0x2d || $0 == 0x5f }).map(Array.init)
        let separators = code.utf8.count - parts.reduce(0) { $0 + $1.count }
        guard let primary = parts.first, separators == parts.count - 1 else { return false }
        return (2...3).contains(primary.count) && primary.allSatisfy { (0x61...0x7a).contains($0) }
            && parts.dropFirst().allSatisfy { part in
                part.count <= 10
                    && part.allSatisfy {
                        (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
                    }
            }
    }

    /// Well-formed and without subtags.
    package static func isPlain(_ code: String) -> Bool {
        code.utf8.count <= 3 && isWellFormed(code)
    }

    /// The two-letter code of a language given by a two- or three-letter one in any case; nil when it has none.
    ///
    /// A member of a macro-language that stands for it in practice counts as it: `cmn` → `zh`, `arb` → `ar`, `pes` →
    /// `fa`.
    package static func iso639_1(of code: String) -> String? {
        let code = code.lowercased()
        if code.utf8.count == 2 { return twoLetterCodes.contains(code) ? code : nil }
        return twoLetter[code]
    }

    /// The three-letter (ISO 639-3) code of a language given by a two- or three-letter one; nil when unknown.
    package static func iso639_3(of code: String) -> String? {
        guard let two = iso639_1(of: code) else { return nil }
        return threeLetter[two]
    }

    /// One spelling for all codes of a language: the two-letter one when there is one; subtags follow in lower case
    /// after `-`.
    package static func canonical(_ code: String) -> String {
        let parts = code.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).map(String.init)
        guard let primary = parts.first else { return code.lowercased() }
        return ([iso639_1(of: primary) ?? primary] + parts.dropFirst()).joined(separator: "-")
    }

    /// Whether two codes mean the same language.
    package static func areSame(_ one: String, _ other: String) -> Bool { canonical(one) == canonical(other) }
}

/// ISO 639-1 codes with their ISO 639-3 equals, and other codes in use for the same languages.
extension LanguageCode {
    static let twoLetterCodes = Set(threeLetter.keys)

    /// Two-letter code → its ISO 639-3 code.
    static let threeLetter: [String: String] = Dictionary(
        uniqueKeysWithValues: table.split(whereSeparator: \.isWhitespace).map { entry in
            (String(entry.prefix(2)), String(entry.dropFirst(3).prefix(3)))
        })

    /// Three-letter code of any kind → two-letter code.
    static let twoLetter: [String: String] = {
        var codes: [String: String] = [:]
        for entry in table.split(whereSeparator: \.isWhitespace) {
            for code in entry.split(separator: ":").dropFirst() { codes[String(code)] = String(entry.prefix(2)) }
        }
        return codes
    }()

    /// `two:three[:others]`. Others are bibliographic codes (ISO 639-2/B) and, for macro-languages, the member whose
    /// texts are meant when test sets say the macro-language: cmn for Chinese, arb for Arabic, pes for Persian.
    private static let table = """
        aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara:arb as:asm av:ava ay:aym:ayr az:aze:azj
        ba:bak be:bel bg:bul bi:bis bm:bam bn:ben bo:bod:tib br:bre bs:bos
        ca:cat ce:che ch:cha co:cos cr:cre cs:ces:cze cu:chu cv:chv cy:cym:wel
        da:dan de:deu:ger dv:div dz:dzo
        ee:ewe el:ell:gre en:eng eo:epo es:spa et:est:ekk eu:eus:baq
        fa:fas:per:pes ff:ful fi:fin fj:fij fo:fao fr:fra:fre fy:fry
        ga:gle gd:gla gl:glg gn:grn:gug gu:guj gv:glv
        ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye:arm hz:her
        ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl:ice it:ita iu:iku
        ja:jpn jv:jav
        ka:kat:geo kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir
        la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav:lvs
        mg:mlg:plt mh:mah mi:mri:mao mk:mkd:mac ml:mal mn:mon:khk mr:mar ms:msa:may:zsm mt:mlt my:mya:bur
        na:nau nb:nob nd:nde ne:nep:npi ng:ndo nl:nld:dut nn:nno no:nor nr:nbl nv:nav ny:nya
        oc:oci oj:oji om:orm:gaz or:ori:ory os:oss
        pa:pan pi:pli pl:pol ps:pus:pbt pt:por
        qu:que:quz
        rm:roh rn:run ro:ron:rum ru:rus rw:kin
        sa:san sc:srd sd:snd se:sme sg:sag sh:hbs si:sin sk:slk:slo sl:slv sm:smo sn:sna so:som sq:sqi:alb:als sr:srp
        ss:ssw st:sot su:sun sv:swe sw:swa:swh
        ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah
        ug:uig uk:ukr ur:urd uz:uzb:uzn
        ve:ven vi:vie vo:vol
        wa:wln wo:wol
        xh:xho
        yi:yid:ydd yo:yor
        za:zha zh:zho:chi:cmn zu:zul
        """
}
