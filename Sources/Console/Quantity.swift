/// Numbers as people read them.
package enum Quantity {
    /// 1234567 → "1,234,567".
    package static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var output = ""
        for (position, digit) in digits.enumerated() {
            if position > 0 && (digits.count - position) % 3 == 0 { output += "," }
            output.append(digit)
        }
        return number < 0 ? "-" + output : output
    }

    /// 1 → "1 file", 1234 → "1,234 files".
    /// - Parameter many: the plural, where an "s" does not make it ("queries", "results have").
    package static func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
    }

    /// A number with a fixed count of decimals, rounded half away from zero; "–" when it is not finite.
    package static func fixed(_ number: Double, places: Int) -> String {
        guard number.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (number.magnitude * scale).rounded(.toNearestOrAwayFromZero)
        guard scaled < 9e15 else { return String(number) }
        var digits = String(Int(scaled))
        if digits.count <= places { digits = String(repeating: "0", count: places + 1 - digits.count) + digits }
        let sign = number < 0 && scaled > 0 ? "-" : ""
        if places == 0 { return sign + digits }
        return sign + digits.dropLast(places) + "." + digits.suffix(places)
    }

    /// 1536 → "1.5 KB"; powers of 1,000, as disks are sold.
    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KB", "MB", "GB", "TB", "PB"]
        while value.magnitude >= 999.95 && unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : fixed(value, places: 1) + " " + units[unit]
    }

    /// 4.2 → "4.2 s", 75 → "1:15", 7384 → "2:03:04".
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "–" }
        if seconds < 60 { return fixed(max(seconds, 0), places: 1) + " s" }
        let whole = Int(seconds.rounded())
        let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0 ? "\(hours):\(padded(minutes)):\(padded(rest))" : "\(minutes):\(padded(rest))"
    }

    /// Age of something in the largest fitting unit: "3 days", "5 min".
    package static func age(seconds: Double) -> String {
        let steps: [(Double, String)] = [(86_400, "day"), (3_600, "hour"), (60, "minute")]
        for (length, name) in steps where seconds >= length {
            return counted(Int(min(seconds / length, 1e6)), name)
        }
        return "just now"
    }

    /// A rate with three significant digits or as a grouped whole number: 0.45, 12.3, 1,234.
    package static func rate(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        if value >= 100 { return grouped(Int(min(value, 1e15).rounded())) }
        return fixed(value, places: value >= 10 ? 1 : 2)
    }
}
