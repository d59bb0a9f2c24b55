/// What the report looks like, and its one script. Neither holds anything from a store.
enum ReportStyle {
    static let css = String(decoding: PackageResources.report_css, as: UTF8.self)

    /// Titles of sortable tables become buttons.
    static let script = String(decoding: PackageResources.report_js, as: UTF8.self)

    /// Of `script`, as a Content-Security-Policy names it: nothing else in the page can run, whatever a name contains.
    static let scriptHash = "sha256-L9Rl+z8VK72xLLNZJk2eoBTHaLmbsDpdw5MIjYGTHiE="
}
