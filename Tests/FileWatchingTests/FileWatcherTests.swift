import Glibc
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import FileWatching

/// Real files and a real watcher: each test changes files, then waits for the reports.
@Suite struct FileWatcherTests {
  let folder: TemporaryFolder
  let recorder: ChangeRecorder

  init() throws {
    folder = try TemporaryFolder()
    recorder = ChangeRecorder(below: folder)
  }

  @Test func `a written file and a new file are changes`() throws {
    try folder.write("old.lua")
    let watcher = try recorder.watch(folder.path)
    defer { watcher.stop() }
    try folder.write("old.lua", "more")
    try folder.write("new.lua")
    try folder.write("notes.txt")
    try folder.write("new_test.lua")
    recorder.expect("changed old.lua", "changed new.lua")
  }

  @Test(arguments: ["", "/slow.lua"])
  func `a file is not reported while it is being written`(given: String) throws {
    let watcher = try recorder.watch(folder.path + given, folder.path("quick.lua"))
    defer { watcher.stop() }
    let file = try folder.open("slow.lua", O_WRONLY | O_CREAT)
    try folder.add("half", to: file)
    // A new folder makes the watcher list all files again, the half-written one too.
    try folder.folder("sub")
    try folder.write("quick.lua")
    recorder.expect("changed quick.lua")
    try folder.add("whole", to: file)
    close(file)
    recorder.expect("changed slow.lua")
  }

  @Test func `a name linked to a finished file is a change`() throws {
    try folder.write("finished")
    let watcher = try recorder.watch(folder.path)
    defer { watcher.stop() }
    try #require(unsafe link(folder.path("finished"), folder.path("job.lua")) == 0)
    folder.remove("finished")
    recorder.expect("changed job.lua")
  }

  @Test(arguments: ["vim", "sed", "atomic save", "copy over", "emacs"])
  func `an editor's save is one report`(editor: String) throws {
    try folder.write("job.lua", "old")
    let watcher = try recorder.watch(folder.path)
    defer { watcher.stop() }
    switch editor {
    case "vim":
      try folder.write("4913")
      folder.remove("4913")
      try folder.write(".job.lua.swp")
      try folder.move("job.lua", "job.lua~")
      try folder.write("job.lua", "new")
      folder.remove("job.lua~")
      folder.remove(".job.lua.swp")
    case "sed":
      try folder.write("sedAb12Cd", "new")
      try folder.move("sedAb12Cd", "job.lua")
    case "atomic save":
      try folder.write(".job.lua.tmp", "new")
      try folder.move(".job.lua.tmp", "job.lua")
    case "emacs":
      try folder.link(".#job.lua", to: "somebody@host.1234")
      try folder.write("#job.lua#", "new")
      try folder.write("job.lua", "new")
      folder.remove("#job.lua#")
      folder.remove(".#job.lua")
    default:
      try folder.write("job.lua", "ne")
      try folder.write("job.lua", "new")
    }
    recorder.expect("changed job.lua")
    // A second report of the save would come before this one.
    folder.remove("job.lua")
    recorder.expect("gone job.lua")
  }

  @Test func `a new folder is watched, and the scripts of a removed one are gone`() throws {
    let watcher = try recorder.watch(folder.path)
    defer { watcher.stop() }
    try folder.folder("a")
    try folder.folder("a/b")
    try folder.write("a/b/early.lua")
    recorder.expect("changed a/b/early.lua")
    try folder.write("a/b/late.lua")
    recorder.expect("changed a/b/late.lua")
    try folder.move("a", "lib")
    recorder.expect("gone a/b/early.lua", "gone a/b/late.lua")
    try folder.move("lib", "c")
    recorder.expect("changed c/b/early.lua", "changed c/b/late.lua")
    try folder.write("c/b/late.lua", "more")
    recorder.expect("changed c/b/late.lua")
  }

  @Test func `a root that goes and comes back is followed`() throws {
    try folder.folder("root")
    try folder.write("root/a.lua")
    let watcher = try recorder.watch(folder.path("root"))
    defer { watcher.stop() }
    folder.remove("root")
    recorder.expect("gone root/a.lua")
    try folder.folder("root")
    try folder.write("root/a.lua")
    recorder.expect("changed root/a.lua")
    try folder.folder("next")
    try folder.write("next/a.lua", "next")
    try folder.write("next/b.lua", "next")
    try folder.move("root", "last")
    try folder.move("next", "root")
    recorder.expect("changed root/a.lua", "changed root/b.lua")
  }

  @Test func `a folder above the root may be swapped`() throws {
    for name in ["app", "app/root", "new", "new/root"] { try folder.folder(name) }
    try folder.write("app/root/a.lua", "old")
    try folder.write("new/root/a.lua", "new")
    let watcher = try recorder.watch(folder.path("app/root"))
    defer { watcher.stop() }
    try folder.move("app", "old")
    try folder.move("new", "app")
    recorder.expect("changed app/root/a.lua")
  }

  @Test func `a root that is missing is waited for`() throws {
    let watcher = try recorder.watch(folder.path("x/y"), folder.path("z.lua"))
    defer { watcher.stop() }
    try folder.folder("x")
    try folder.folder("x/y")
    try folder.write("x/y/a.lua")
    try folder.write("z.lua")
    recorder.expect("changed x/y/a.lua", "changed z.lua")
  }

  @Test func `a root that is a file is watched without its neighbours`() throws {
    try folder.write("job.lua")
    try folder.write("other.lua")
    let watcher = try recorder.watch(folder.path("job.lua"))
    defer { watcher.stop() }
    try folder.write("other.lua", "more")
    try folder.write("tmp", "new")
    try folder.move("tmp", "job.lua")
    recorder.expect("changed job.lua")
  }

  @Test func `a swap of a config map is one report for each file`() throws {
    try folder.folder("..1")
    try folder.write("..1/a.lua", "one")
    try folder.write("..1/b.lua", "one")
    try folder.link("..data", to: "..1")
    try folder.link("a.lua", to: "..data/a.lua")
    try folder.link("b.lua", to: "..data/b.lua")
    let watcher = try recorder.watch(folder.path)
    defer { watcher.stop() }
    for next in ["..2", "..3"] {
      try folder.folder(next)
      try folder.write(next + "/a.lua", next)
      try folder.write(next + "/b.lua", next)
      try folder.link("..data_tmp", to: next)
      try folder.move("..data_tmp", "..data")
      folder.remove(next == "..2" ? "..1" : "..2")
      recorder.expect("changed a.lua", "changed b.lua")
    }
    try folder.write("..3/a.lua", "in place")
    recorder.expect("changed a.lua")
  }

  @Test func `a root that is a link may be swapped`() throws {
    for release in ["1", "2"] {
      try folder.folder(release)
      try folder.write(release + "/a.lua", release)
    }
    try folder.link("current", to: "1")
    let watcher = try recorder.watch(folder.path("current"))
    defer { watcher.stop() }
    try folder.link("tmp", to: "2")
    try folder.move("tmp", "current")
    recorder.expect("changed current/a.lua")
    try folder.write("2/a.lua", "in place")
    recorder.expect("changed current/a.lua")
  }

  @Test func `a linked folder is watched where it is`() throws {
    try folder.folder("elsewhere")
    try folder.folder("root")
    try folder.write("elsewhere/a.lua")
    let watcher = try recorder.watch(folder.path("root"))
    defer { watcher.stop() }
    try folder.link("root/sub", to: "../elsewhere")
    recorder.expect("changed root/sub/a.lua")
    try folder.write("elsewhere/a.lua", "more")
    recorder.expect("changed root/sub/a.lua")
    folder.remove("root/sub")
    recorder.expect("gone root/sub/a.lua")
  }

  @Test func `a file is watched while a script requires it`() throws {
    try folder.folder("root")
    try folder.folder("root/lib")
    try folder.write("root/job.lua")
    try folder.write("root/lib/used.lua")
    try folder.write("shared.lua")
    let watcher = try recorder.watch(folder.path("root"))
    defer { watcher.stop() }
    let (used, shared) = (folder.path("root/lib/used.lua"), folder.path("shared.lua"))
    let missing = folder.path("root/lib/missing.lua")
    watcher.setDependencies([used, shared, missing], of: "job.lua")
    watcher.setDependencies([shared], of: "other.lua")
    waitUntilFollowed()
    try folder.write("root/lib/used.lua", "more")
    try folder.write("root/lib/missing.lua")
    try folder.write("root/lib/unused.lua")
    try folder.write("shared.lua", "more")
    recorder.expect(
      "changed root/lib/used.lua", "changed root/lib/missing.lua", "changed shared.lua")
    watcher.setDependencies([], of: "job.lua")
    waitUntilFollowed()
    try folder.write("root/lib/used.lua", "again")
    try folder.write("shared.lua", "again")
    recorder.expect("changed shared.lua")
  }

  @Test func `a dependency that changed while its script was loaded is reported`() throws {
    try folder.write("early.lua")
    let watcher = try recorder.watch(folder.path("job.lua"))
    defer { watcher.stop() }
    let loading = try #require(FileVersion(of: folder.path("early.lua"))).changed + 1
    repeat {
      try folder.write("late.lua")
    } while try #require(FileVersion(of: folder.path("late.lua"))).changed < loading
    watcher.setDependencies(
      [folder.path("early.lua"), folder.path("late.lua")], of: "job.lua", since: loading)
    recorder.expect("changed late.lua")
  }

  @Test func `a file written just after a burst that overflows the queue is not lost`() throws {
    let size = try #require(queueSize())
    let hold = Condition(false)
    let reports = Condition<Set<WatchedChange>>([])
    let watcher = try FileWatcher(
      roots: [ScriptRoot(path: folder.path)],
      onChange: { changes in
        reports.withLock { $0.formUnion(changes) }
        reports.signal()
        _ = hold.wait(until: soon()) { $0 ? true : nil }
      }, onFailure: { _ in })
    defer { watcher.stop() }
    try folder.write("first.lua")
    let first = reports.wait(until: soon()) { $0.isEmpty ? nil : $0.count }
    #expect(first == 1)
    for _ in 0...(size / 2) {
      try folder.write("noise-a")
      try folder.write("noise-b")
    }
    try folder.write("first.lua", "more")
    try folder.write("lost.lua")
    reports.withLock { $0 = [] }
    hold.withLock { $0 = true }
    hold.broadcast()
    let all: Set<WatchedChange> = [
      .changed(path: folder.path("first.lua")), .changed(path: folder.path("lost.lua")),
    ]
    let seen = reports.wait(until: soon()) { $0 == all ? $0 : nil }
    #expect(seen == all)
  }

  @Test(.enabled(if: getuid() != 0, "root may read every folder"))
  func `a folder that cannot be read is reported, and its neighbours are still watched`() throws {
    let watcher = try recorder.watch(folder.path)
    defer { watcher.stop() }
    try folder.folder("closed")
    try #require(unsafe chmod(folder.path("closed"), 0) == 0)
    try folder.write("a.lua")
    recorder.expect("changed a.lua")
    #expect(recorder.waitForFailure()?.code == .unreadable)
    try #require(unsafe chmod(folder.path("closed"), 0o755) == 0)
  }

  @Test func `no report follows stop, which a report may call, and which may be called twice`()
    throws
  {
    let stopped = Condition(false)
    let box = Condition<FileWatcher?>(nil)
    let watcher = try FileWatcher(
      roots: [ScriptRoot(path: folder.path)],
      onChange: { _ in
        box.wait(until: soon()) { $0 }?.stop()
        stopped.withLock { $0 = true }
        stopped.signal()
      }, onFailure: { _ in })
    box.withLock { $0 = watcher }
    try folder.write("a.lua")
    #expect(stopped.wait(until: soon()) { $0 ? true : nil } == true)
    watcher.stop()
    watcher.stop()
    box.withLock { $0 = nil }
  }

  @Test func `releasing a watcher ends it and closes its descriptors`() throws {
    let before = try #require(inotifyDescriptors())
    for _ in 0..<20 { _ = try recorder.watch(folder.path) }
    // Other tests have watchers of their own at the same time.
    #expect(try #require(inotifyDescriptors()) < before + 20)
  }

  /// The watcher reports a script that is written now only after it has handled the new dependencies.
  private func waitUntilFollowed() {
    do {
      try folder.write("root/marker.lua", "\(Clocks.elapsed())")
      recorder.expect("changed root/marker.lua")
    } catch { Issue.record(error) }
  }
}

/// The limit of a wait.
private func soon() -> Int64 { Clocks.monotonic() + 10_000_000_000 }

private func queueSize() -> Int? {
  guard let file = unsafe fopen("/proc/sys/fs/inotify/max_queued_events", "r") else { return nil }
  defer { unsafe fclose(file) }
  var text = [CChar](repeating: 0, count: 32)
  unsafe fgets(&text, 32, file)
  return unsafe atol(text)
}

private func inotifyDescriptors() -> Int? {
  do {
    return try FolderEntries.names(in: "/proc/self/fd").count { name in
      var target = [CChar](repeating: 0, count: 64)
      let count = unsafe readlink("/proc/self/fd/\(name)", &target, 63)
      return unsafe count > 0 && strstr(target, "inotify") != nil
    }
  } catch { return nil }
}
