import ModuleKit
import MoonwheelModel
import ScriptHost
import Stdlib

/// `kv`: keys and values that the scripts of a host share, in its store.
struct KeyModule: ScriptModule {
  let name = "kv"

  let functions: [ModuleFunction] = [
    .parking("get", ["key"]) { call in
      let arguments = KeyArguments(call, "kv.get")
      let name = try arguments.name()
      try arguments.permit(name)
      return { call in
        call.perform(.get(name)) { answer in
          guard case .found(let entry?) = answer else { return [.nil] }
          return [entry.decoded, .integer(entry.version)]
        }
      }
    },
    .parking("set", ["key", "value", "options"]) { call in
      let arguments = KeyArguments(call, "kv.set")
      let name = try arguments.name()
      let options = try arguments.options(2, ["ttl", "version", "absent"])
      let (condition, lifetime) = (try options.condition(), try options.lifetime() ?? .unlimited)
      let value = try arguments.value()
      try arguments.permit(name)
      return { call in
        call.perform(.set(name, value, if: condition, lifetime)) { $0.version }
      }
    },
    .parking("add", ["key", "number", "options"]) { call in
      let arguments = KeyArguments(call, "kv.add")
      let (name, number) = (try arguments.name(), try arguments.number())
      let lifetime = try arguments.options(2, ["ttl"]).lifetime() ?? .unlimited
      try arguments.permit(name)
      return { call in
        call.perform(.add(name, number, lifetime)) { answer in
          guard case .added(let sum, let version) = answer else { return [] }
          return [sum, .integer(version)]
        }
      }
    },
    .parking("delete", ["key", "options"]) { call in
      let arguments = KeyArguments(call, "kv.delete")
      let name = try arguments.name()
      let condition = try arguments.options(1, ["version"]).condition()
      try arguments.permit(name)
      return { call in
        call.perform(.delete(name, if: condition)) { [.bool($0 == .deleted(true))] }
      }
    },
    .parking("list", ["prefix", "options"]) { call in
      let arguments = KeyArguments(call, "kv.list")
      let prefix = try arguments.prefix()
      let page = try arguments.options(1, ["limit", "after"]).page(prefix)
      try arguments.permitAll(prefix)
      return { call in
        call.perform(.list(page)) { answer in
          guard case .listed(let entries, let hasMore) = answer else { return [] }
          let after = hasMore ? entries.last.map { Value.string($0.name.key) } : nil
          return [.list(entries.map(\.listed))] + (after.map { [$0] } ?? [])
        }
      }
    },
  ]

  /// The store of a simulation is as good as any.
  var simulated: [ModuleFunction] { functions }

  var lua: String { String(decoding: Stdlib.keys, as: UTF8.self) }
}

extension KeyEntry {
  fileprivate var decoded: Value { Value(encoded: value) ?? .nil }

  fileprivate var listed: Value {
    ["key": .string(name.key), "value": decoded, "version": .integer(version)]
  }
}

extension KeyAnswer {
  fileprivate var version: [Value] {
    if case .stored(let version) = self { [.integer(version)] } else { [] }
  }
}
