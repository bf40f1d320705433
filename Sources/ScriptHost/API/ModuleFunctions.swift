import LuaRuntime
import MoonwheelModel

/// How the prelude makes the table of a module at its first use, and what the built-in modules of `require` ask the host.
enum ModuleFunctions {
  static let all: [HostFunction] = [
    LuaAPI.function("module_functions", ["name"], isUnobserved: true) { (call) throws(Mistake) in
      let (name, isolate) = (try call.text(0, "the name of a module"), call.isolate)
      guard let lua = isolate.environment.functions.lua(ofModule: name) else { return .nothing }
      let prefix = name + "."
      let functions = isolate.functions.enumerated().compactMap { number, function -> Value? in
        guard function.signature.isLazy, function.name.hasPrefix(prefix) else { return nil }
        return [
          "number": .integer(Int64(number)), "flags": .integer(Int64(function.signature.flags)),
          "name": .string(String(function.name.dropFirst(prefix.count))),
          "arguments": .string(function.signature.argumentNames),
        ]
      }
      return .values([.list(functions), .bytes(lua)])
    },
    // Where the script is, however deep in a module the call is; for the beginning of a message.
    LuaAPI.function("position", isUnobserved: true) { (call) throws(Mistake) in
      .value(.string(call.isolate.caller().map { "\($0.position): " } ?? ""))
    },
    LuaAPI.function("seconds", ["duration", "what"], isUnobserved: true) { (call) throws(Mistake) in
      let length = try LuaAPI.duration(call[0], call[1].printed)
      return .value(.number(Double(length) / 1e9))
    },
    // The run that calls; a text that differs for each attempt, and is the same for all attempts but in hooks.
    LuaAPI.function("current_run") { (call) throws(Mistake) in
      guard let run = call.isolate.current, !run.isLoad else { return .nothing }
      let (id, attempt) = (run.id.description, run.dispatch.attempt)
      let hook = run.hook.map { "-hook\($0.rawValue).\(attempt)" } ?? ""
      return .values([.string(id), .string("\(id) \(attempt)\(hook)"), .string(id + hook)])
    },
  ]
}
