import Testing

@testable import SystemCalls

@Suite struct ProcessesTests {
  @Test func `this process exists, and a number beyond the kernel's limit does not`() {
    #expect(Processes.exists(Processes.currentID))
    // The process that starts the system belongs to another user, or is this one.
    #expect(Processes.exists(1))
    #expect(!Processes.exists(.max))
  }

  @Test func `the machine has a name`() throws {
    let bytes = try RegularFile.read("/proc/sys/kernel/hostname", atMost: 1 << 10)
    #expect(Processes.hostName == String(decoding: bytes.dropLast(), as: UTF8.self))
  }
}
