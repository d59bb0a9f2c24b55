import Files
import Foundation
import TestSupport
import Testing

/// What a user's cache remembers, and what is not believed.
@Suite struct UserCacheFileTests {
    private func file(_ folder: String?) -> UserCacheFile {
        UserCacheFile("things", heading: "things 1", limit: 100, in: folder)
    }

    @Test func linesComeBack() throws {
        let folder = try TemporaryFolder(), cache = file(folder.path + "/cache")
        #expect(cache.lines().isEmpty)
        cache.write(["one", "two"])
        #expect(cache.lines() == ["one", "two"])
        #expect(try folder.read("cache/polylex/things") == "things 1\none\ntwo\n")
        cache.write([])
        #expect(cache.lines().isEmpty)
    }

    @Test func othersFilesAreNotBelieved() throws {
        let folder = try TemporaryFolder(), cache = file(folder.path), path = folder.path + "/polylex/things"
        cache.write(["one"])
        chmod(path, 0o666)
        #expect(cache.lines().isEmpty)
        chmod(path, 0o600)
        #expect(cache.lines() == ["one"])
        for contents in ["things 2\none\n", "", "things 1\n" + String(repeating: "x", count: 100)] {
            _ = try folder.write("polylex/things", contents)
            #expect(cache.lines().isEmpty, "\(contents)")
        }
        for folder in [nil, "/proc/nowhere"] {
            file(folder).write(["one"])
            #expect(file(folder).lines().isEmpty)
        }
    }

    @Test func theNearestFolderThereIs() throws {
        let folder = try TemporaryFolder()
        #expect(DurableFolder.nearest(folder.path + "/a/b/c") == folder.path)
        #expect(DurableFolder.nearest(folder.path) == folder.path)
        #expect(DurableFolder.nearest("nosuch/a") == ".")
    }
}
