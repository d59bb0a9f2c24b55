import ArgumentParser
import Console
import Foundation
import Server
import Store
import Synchronization

/// `query serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "A web page to explore a store with, and the same answers as JSON.",
        discussion: """
            Type a word and see its nearest words in every stored language, checkpoint beside checkpoint, at the best \
            layer or any other; its nearest word at each layer; the neighbourhood on a plane; why a translation stands \
            where it stands; the sentences nearest to a sentence. The page asks a JSON interface that is open to \
            programs too: /openapi.json describes it. Nothing can be changed through it. What is published meanwhile \
            is seen without a restart.
            Only this machine is answered unless --address says otherwise: there is no password and no encryption. \
            SIGTERM or Ctrl-C ends it; questions that were read are answered first.

            Example: query serve --store indexes --port 8080
            """)

    @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
    var port: UInt16 = 8080

    @Option(
        help: ArgumentHelp(
            "Address to listen on, in numbers: 127.0.0.1 is this machine alone, 0.0.0.0 everybody who reaches it.",
            valueName: "address"))
    var address = "127.0.0.1"

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp(
            """
            A name under which browsers may call this machine, beside localhost and addresses in numbers; may be \
            repeated.
            """, valueName: "host"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Questions answered at a time; one per processor when left out.", valueName: "n"))
    var threads: Int?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try ThreadCount.check(threads) }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let threads = ThreadCount.of(threads)
        let service = ExplorerService(store: store, questionsAtOnce: threads)
        let listener = try HTTPListener(
            address: address, port: port, hosts: HostRule(names: names), threads: threads,
            group: ExplorerService.group
        ) { service.respond(to: $0) }
        StopRequest.install()
        try announce(port: listener.port, folder: store.folder)
        let end = End()
        let serving = Task.detached {
            do {
                try await listener.run()
                end.outcome.withLock { $0 = .success(()) }
            } catch {
                end.outcome.withLock { $0 = .failure(error) }
            }
        }
        for wait in 1... {
            if let outcome = end.outcome.withLock({ $0 }) {
                try outcome.get()
                break
            }
            if StopRequest.isMade { serving.cancel() }
            usleep(50_000)
            // Once a second.
            if wait % 20 == 0 { release(service) }
        }
        output.remark("ended")
    }

    /// Gives back what no question needs: files of earlier states, and memory that is free in the middle of the heap.
    private func release(_ service: ExplorerService) {
        // Where the catalogue cannot be read, the next question says so.
        try? service.views.releaseEarlierStates()
        Program.giveBackMemory()
    }

    /// How serving ended, for the thread that waits for it.
    private final class End: Sendable {
        let outcome = Mutex<Result<Void, any Error>?>(nil)
    }

    private func announce(port: Int, folder: String) throws {
        let host = address.contains(":") ? "[\(address)]" : address
        let url = "http://\(host):\(port)/"
        try ResultStream.standardOutput.write(output.json ? "{\"url\":\"\(url)\"}\n" : url + "\n")
        try ResultStream.standardOutput.flush()
        output.remark("\(folder): open the address above in a browser; Ctrl-C ends")
        if !address.hasPrefix("127.") && address != "::1" {
            output.remark("anybody who reaches \(address) can ask: there is no password and no encryption")
        }
    }
}
