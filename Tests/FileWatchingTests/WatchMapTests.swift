import Testing

@testable import FileWatching

@Suite struct WatchMapTests {
  private static let watch = WatchID(rawValue: 1)

  /// A config map at `/m`: the folder is searched, and `job.lua` is a link through `..data`.
  private static var map: WatchMap {
    var map = WatchMap(SearchFilter())
    map.addSearched("m", watch)
    map.addCrossed("/m", watch)
    map.addSteps(["/m/link.lua", "/m/..data"], to: "m/link.lua")
    return map
  }

  @Test(
    arguments: [
      (.closed, "job.lua", ["m/job.lua"], .none),
      (.appeared(.file), "job.lua", ["m/job.lua"], .none),
      (.vanished(isFolder: false), "job.lua", ["m/job.lua"], .none),
      (.appeared(.link), "job.lua", ["m/job.lua"], .structure),
      (.closed, "4913", [], .none), (.appeared(.file), "job.lua~", [], .none),
      (.closed, ".job.lua.swp", [], .none), (.appeared(.link), ".#job.lua", [], .none),
      (.closed, "job_test.lua", [], .none), (.closed, "out.log", [], .none),
      (.appeared(.folder), "sub", [], .structure),
      (.vanished(isFolder: true), "sub", [], .structure),
      (.appeared(.link), "sub", [], .structure),
      (.appeared(.folder), "lib", [], .none), (.appeared(.folder), ".git", [], .none),
      (.appeared(.link), "..data", ["m/link.lua"], .structure),
      (.vanished(isFolder: false), "link.lua", ["m/link.lua"], .structure),
      (.folderGone, "", [], .structure), (.ended, "", [], .structure),
      (.overflow, "", [], .everything),
    ] as [(WatchEvent.Kind, String, Set<String>, WatchMap.Meaning.Rescan)])
  func `an event touches files and causes a scan`(
    kind: WatchEvent.Kind, name: String, touched: Set<String>, rescan: WatchMap.Meaning.Rescan
  ) {
    var map = WatchMapTests.map
    let meaning = map.meaning(of: WatchEvent(watch: WatchMapTests.watch, kind: kind, name: name))
    #expect(meaning == WatchMap.Meaning(touched: touched, rescan: rescan))
  }

  @Test(
    arguments: [("job.lua", ["m/job.lua"]), ("link.lua", ["m/link.lua"]), ("job.txt", [])]
      as [(String, Set<String>)])
  func `a created file counts as started`(name: String, started: Set<String>) {
    var map = WatchMapTests.map
    let event = WatchEvent(watch: WatchMapTests.watch, kind: .appeared(.newFile), name: name)
    #expect(map.meaning(of: event) == WatchMap.Meaning(started: started))
  }

  @Test(
    arguments: [
      (.closed, "job_test.lua", ["m/job_test.lua"], .none), (.closed, "out.log", [], .none),
      (.appeared(.folder), "lib", [], .structure),
      (.vanished(isFolder: true), "lua_modules", [], .structure),
      (.appeared(.folder), ".git", [], .none),
    ] as [(WatchEvent.Kind, String, Set<String>, WatchMap.Meaning.Rescan)])
  func `with tests and modules, their events count too`(
    kind: WatchEvent.Kind, name: String, touched: Set<String>, rescan: WatchMap.Meaning.Rescan
  ) {
    var map = WatchMap(SearchFilter(tests: true, modules: true))
    map.addSearched("m", WatchMapTests.watch)
    let meaning = map.meaning(of: WatchEvent(watch: WatchMapTests.watch, kind: kind, name: name))
    #expect(meaning == WatchMap.Meaning(touched: touched, rescan: rescan))
  }

  @Test func `an event of an ended watch means nothing`() {
    var map = WatchMapTests.map
    let other = WatchEvent(watch: WatchID(rawValue: 2), kind: .folderGone, name: "")
    #expect(map.meaning(of: other) == WatchMap.Meaning())
    #expect(map.path(of: other.watch, "a") == nil)
  }

  @Test func `in a folder that is only crossed, only the steps of paths matter`() {
    var map = WatchMap(SearchFilter())
    map.addCrossed("/m/lib", WatchMapTests.watch)
    map.addSteps(["/m/lib/used.lua"], to: "m/lib/used.lua")
    func touched(_ name: String) -> Set<String> {
      map.meaning(of: WatchEvent(watch: WatchMapTests.watch, kind: .closed, name: name)).touched
    }
    #expect(touched("used.lua") == ["m/lib/used.lua"])
    #expect(touched("other.lua") == [])
  }

  @Test func `a watch that the system ended is removed`() {
    var map = WatchMapTests.map
    _ = map.meaning(of: WatchEvent(watch: WatchMapTests.watch, kind: .ended, name: ""))
    #expect(map.watches == [])
  }
}
