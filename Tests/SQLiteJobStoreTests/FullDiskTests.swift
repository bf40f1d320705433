import Foundation
import Glibc
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing

struct FullDiskTests {
  @Test func `a store that may not grow refuses changes, and recovers when it may`() async throws {
    let folder = try TemporaryFolder()
    await #expect(processExitsWith: .success) { [path = folder.path("store.db") as String] in
      let store = try filledStore(path, runs: 5)
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 200_000, rlim_max: .max)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let text = Value.string(String(repeating: "x", count: 50_000))
      var kept: [UInt64] = [1, 2, 3, 4, 5]
      var refused = 0
      for number: UInt64 in 6...40 {
        let change = StoreChange.pendingRun(pendingRun(number, payload: text))
        guard let error = storeError({ try store.commit([change], isDurable: number % 2 == 0) })
        else {
          kept.append(number)
          continue
        }
        #expect(error.code == .full && error.description.contains("free some"), "\(error)")
        refused += 1
      }
      #expect(refused > 10)
      #expect(try store.load().pendingRuns.map(\.run.rawValue) == kept)
      limit.rlim_cur = .max
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      try store.commit([.pendingRun(pendingRun(99))], isDurable: true)
      #expect(try store.load().pendingRuns.map(\.run.rawValue) == kept + [99])
      store.close()
      #expect(try SQLiteJobStore(path: path).load().pendingRuns.count == kept.count + 1)
    }
  }

  /// Mounting a disk needs root.
  @Test(.enabled(if: getuid() == 0))
  func `the error says that the disk is full, and the store recovers when there is room`() throws {
    let folder = try TemporaryFolder()
    try #require(unsafe mount("none", folder.path, "tmpfs", 0, "size=800k") == 0)
    defer { unsafe umount2(folder.path, Int32(MNT_DETACH)) }
    let ballast = folder.path("ballast")
    try Data(count: 200_000).write(to: URL(fileURLWithPath: ballast))
    let store = SQLiteJobStore(path: folder.path("store.db"))
    _ = try store.load()
    try store.commit([.job(job(1))], isDurable: true)
    var kept = 0
    var refused: StoreError?
    while refused == nil, kept < 10_000 {
      refused = storeError { try store.commit([.ended(run(UInt64(kept) + 1))], isDurable: true) }
      if refused == nil { kept += 1 }
    }
    #expect(refused?.code == .full)
    #expect(refused?.description.contains("no space is left") == true)
    // Removing the file frees nothing while a child process that was just forked has it open.
    #expect(unsafe truncate(ballast, 0) == 0)
    try store.commit([.ended(run(20_000))], isDurable: true)
    #expect(try store.runs(RunQuery(limit: .max)).count == kept + 1)
  }
}
