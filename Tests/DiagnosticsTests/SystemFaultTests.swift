import Diagnostics
import Glibc
import Testing

@Suite struct SystemFaultTests {
    @Test(arguments: [
        (ENOENT, Diagnostics.ExitStatus.missingInput, "no such file or folder"),
        (ENOSPC, .inputOutput, "the disk is full"),
        (EAGAIN, .tryAgain, "cannot open"), (EACCES, .inputOutput, "check the owner and permissions"),
    ])
    func sayWhatFailedAndHowToExit(_ code: Int32, _ status: Diagnostics.ExitStatus, _ words: String) {
        let fault = SystemFault(operation: "open", path: "a/b", code: code)
        #expect(fault.exitStatus == status)
        #expect(fault.description.hasPrefix("a/b: cannot open: ") && fault.description.contains(words))
    }
}
