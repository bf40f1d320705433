import Foundation
import Glibc
import MoonwheelCore
import SQLiteJobStore
import Testing

struct LockTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("store.db")
  }

  @Test func `a second host is told who holds the store, and what to do`() throws {
    let store = try filledStore(path, runs: 1)
    for _ in 1...2 {
      let refused = try #require(refusal { _ = try SQLiteJobStore(path: path).load() })
      #expect(refused.code == .held)
      #expect(refused.description.contains("\(path): another host writes to it"))
      #expect(refused.description.contains("process \(getpid()), on "))
      #expect(refused.description.contains(", since 20"))
      #expect(refused.description.contains("stop that one, or give this one a file of its own"))
    }
    try store.commit([.promise(promise(9))], isDurable: true)
    store.close()
    let second = SQLiteJobStore(path: path)
    #expect(try second.load().promises.count == 2)
    #expect(refusal { _ = try store.load() }?.code == .held)
  }

  @Test func `a lock of another process holds until that ends, however it does`() throws {
    try "process 7\non elsewhere\n".write(
      toFile: path + ".lock", atomically: false, encoding: .utf8)
    let holder = Process()
    let output = Pipe()
    let input = Pipe()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    holder.arguments = ["--no-fork", path + ".lock", "sh", "-c", "echo held; read line"]
    holder.standardOutput = output
    holder.standardInput = input
    try holder.run()
    #expect(output.fileHandleForReading.readData(ofLength: 5) == Data("held\n".utf8))

    let store = SQLiteJobStore(path: path)
    let refused = try #require(refusal { _ = try store.load() })
    #expect(refused.code == .held)
    #expect(refused.description.contains("(process 7, on elsewhere)"))
    #expect(refusal { _ = try SQLiteJobStore.setAside(path) }?.code == .held)

    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    #expect(try store.load().jobs.isEmpty)
  }

  @Test func `a store that is only read needs no lock, and sees what is committed`() throws {
    let store = try filledStore(path, runs: 1)
    let reader = SQLiteJobStore(path: path, mode: .readOnly)
    #expect(try reader.runs(RunQuery()).count == 1)
    try store.commit([.ended(run(2))], isDurable: false)
    #expect(try reader.runs(RunQuery()).count == 2)
    #expect(try reader.load().promises.count == 1)
    let refused = try #require(refusal { try reader.commit([.ended(run(3))], isDurable: true) })
    #expect(refused.code == .readOnly)
    #expect(refusal { _ = try reader.prune() }?.code == .readOnly)
    store.close()
    #expect(try reader.runs(RunQuery()).count == 2)
    #expect(try SQLiteJobStore(path: path).load().jobs.count == 1, "the reader is in the way")
  }

  @Test func `it makes the file's folder, but not the one above`() throws {
    let store = SQLiteJobStore(path: folder.file(".moonwheel/store.db"))
    #expect(try store.load().jobs.isEmpty)
    store.close()
    #expect(try folder.names == [".moonwheel"])
    let refused = try #require(
      refusal { _ = try SQLiteJobStore(path: folder.file("a/b/store.db")).load() })
    #expect(refused.code == .missing)
    #expect(refused.description.contains("make the folder"))
  }
}
