import MoonwheelModel

extension ConformanceCase {
  static let sourceCases = [
    ConformanceCase("the last good version of a script is stored with its modules, byte by byte") {
      store, factory in
      try expectEqual(try store.sources(of: "a.lua"), nil, "a version that was never stored")
      let version = sampleVersion("a.lua", [0, 255, 10], modules: ["m": [], "shop.util": [1]])
      try store.commit(.sources(version), .sources(sampleVersion("b.lua", [])))
      let (again, _) = try factory.reopen(store)
      try expectEqual(try again.sources(of: "a.lua"), version, "the version")
      try expectEqual(
        try again.sources(of: "b.lua"), sampleVersion("b.lua", []), "an empty version")
      try expectEqual(try again.sources(of: "A.lua"), nil, "a version of another name")
    },
    ConformanceCase("a new version replaces the last one, and an equal one keeps its time") {
      store, _ in
      let first = sampleVersion("a.lua", [1], modules: ["m": [2], "n": [3]])
      var equal = first
      equal.loadedAt = second(70)
      try store.commit(.sources(first))
      try store.commit(.sources(equal))
      try expectEqual(try store.sources(of: "a.lua"), first, "the equal version")
      let next = sampleVersion("a.lua", [1], modules: ["m": [3]], at: 80)
      try store.commit(.sources(next))
      try expectEqual(try store.sources(of: "a.lua"), next, "the next version")
    },
    ConformanceCase("a text that several versions share stays until the last one goes") {
      store, factory in
      let shared: [UInt8] = [7, 7, 7]
      let versions = ["a.lua", "b.lua", "c.lua"].map {
        sampleVersion($0, shared, modules: ["m": shared, $0: [1]])
      }
      try store.commit(versions.map { .sources($0) }, isDurable: true)
      try store.commit(
        .sources(sampleVersion("a.lua", [9])), .forgetSources(except: ["a.lua", "c.lua"]))
      let (again, _) = try factory.reopen(store)
      try expectEqual(
        try again.sources(of: "a.lua"), sampleVersion("a.lua", [9]), "the replaced version")
      try expectEqual(try again.sources(of: "b.lua"), nil, "the forgotten version")
      try expectEqual(try again.sources(of: "c.lua"), versions[2], "the version that is left")
      try again.commit(.forgetSources(except: []))
      try expectEqual(try again.sources(of: "c.lua"), nil, "the last version")
      try again.commit(.sources(versions[1]))
      try expectEqual(try again.sources(of: "b.lua"), versions[1], "a version that is stored again")
    },
  ]
}

private func sampleVersion(
  _ script: String, _ text: [UInt8], modules: KeyValuePairs<String, [UInt8]> = [:],
  at seconds: Int64 = 60
) -> StoredSources {
  StoredSources(
    script: script, loadedAt: second(seconds), text: text,
    modules: modules.map {
      StoredSources.Module(name: $0.key, chunk: "@\($0.key).lua", text: $0.value)
    })
}
