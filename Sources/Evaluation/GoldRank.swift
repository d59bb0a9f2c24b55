/// Where a gold candidate stands among all candidates for its query, by counting.
package struct GoldRank: Hashable, Sendable {
    /// Candidates with a higher score.
    package var greater: Int
    /// Other candidates with exactly the gold's score, in smaller and in larger rows.
    package var equalBefore: Int
    package var equalAfter: Int

    package init(greater: Int, equalBefore: Int, equalAfter: Int) {
        self.greater = greater
        self.equalBefore = equalBefore
        self.equalAfter = equalAfter
    }

    /// 1 + candidates scoring higher + candidates scoring equal with a smaller row. Rows are frequency-ordered, so
    /// among equals the more frequent word comes first.
    package var rank: Int { 1 + greater + equalBefore }
    /// The rank if every tie fell in the gold's favour.
    package var bestRank: Int { 1 + greater }
    /// The rank if every tie fell against it.
    package var worstRank: Int { 1 + greater + equalBefore + equalAfter }
    /// Other candidates with the gold's score.
    package var ties: Int { equalBefore + equalAfter }
}
