import Diagnostics
import Encoder
import Files
import Fingerprinting
import Glibc

/// The folder of a plan: `plan.json`, and below `<id>` the shards that are done.
///
/// Several hosts work in it at once and none of them waits for another: every entry appears whole, by one rename.
struct PlanFolder {
    static let planName = "plan.json"
    static let noteName = "shard.json"

    /// As it was named.
    let path: String
    let plan: ShardPlan
    private let root: ContainedFolder

    /// - Throws: `ShardError.notAPlan`, `.damagedPlan`, `.newerPlan`; `FileError`, `SystemFault`.
    init(_ path: String) throws {
        self.path = path
        do {
            root = try ContainedFolder(path)
            let file = try root.open(Self.planName, for: .reading)
            plan = try ShardPlan.decoded(try file.contents(limit: ShardJSON.limit), path: file.path)
        } catch let fault as SystemFault where fault.code == ENOENT || fault.code == ENOTDIR {
            throw ShardError.notAPlan(folder: path)
        }
    }

    /// Keeps a plan durably; the same plan may be there already.
    /// - Throws: `ShardError.otherPlan`.
    init(_ path: String, keeping plan: ShardPlan) throws {
        try DurableFolder.create(path)
        let root = try ContainedFolder(path)
        if try root.requireFileIfPresent(Self.planName) != nil {
            let found = try PlanFolder(path)
            guard found.plan == plan else {
                throw ShardError.otherPlan(folder: path, id: plan.id, found: found.plan.id)
            }
        } else {
            try root.write(plan.encoded(), to: Self.planName)
        }
        self.path = path
        self.plan = plan
        self.root = root
    }

    // MARK: Shards

    /// "shard-00003"
    static func name(_ index: Int) -> String {
        let digits = String(index)
        return "shard-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    func path(of shard: Int) -> String { root.path(of: "\(plan.id)/\(Self.name(shard))") }

    /// The folder of all shards, made when it is not there.
    func shardsFolder() throws -> ContainedFolder { try root.makeFolder(plan.id) }

    func isDone(_ shard: Int) throws -> Bool {
        try root.requireFileIfPresent("\(plan.id)/\(Self.name(shard))/\(Self.noteName)") != nil
    }

    /// Numbers of the shards that are not done, ascending.
    func missing() throws -> [Int] { try plan.shards.indices.filter { try !isDone($0) } }

    /// "0,3-5", as `sbatch --array` takes it.
    static func array(_ shards: [Int]) -> String { LayerNumbers.text(shards) }

    /// A shard's folder and note; the note agrees with the plan.
    /// - Throws: `ShardError.notBuilt`, `.damagedShard`, `.otherProgram`, `.otherArithmetic`.
    func open(_ shard: Int) throws -> (folder: ContainedFolder, note: ShardNote) {
        let place = path(of: shard)
        func damaged(_ expected: String, _ found: String) -> ShardError {
            .damagedShard(folder: place, index: shard, expected: expected, found: found)
        }
        guard try isDone(shard) else { throw ShardError.notBuilt(folder: place, index: shard) }
        let folder = try root.folder("\(plan.id)/\(Self.name(shard))")
        let bytes = try folder.open(Self.noteName, for: .reading).contents(limit: ShardJSON.limit)
        let note = try ShardJSON.decode(ShardNote.self, bytes) { damaged("\(Self.noteName): \($0)", $1) }
        guard note.plan == plan.id, note.shard == shard else {
            throw damaged("shard \(shard) of plan \(plan.id)", "shard \(note.shard) of plan \(note.plan)")
        }
        guard note.program == plan.program else {
            throw ShardError.otherProgram(place: place, expected: plan.program.text, found: note.program.text)
        }
        guard note.arithmetic == plan.arithmetic, note.precision == plan.precision else {
            throw ShardError.otherArithmetic(
                place: place, expected: "\(plan.arithmetic), \(plan.precision)",
                found: "\(note.arithmetic), \(note.precision)")
        }
        return (folder, note)
    }
}
