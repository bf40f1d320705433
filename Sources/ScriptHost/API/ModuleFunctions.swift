import LuaRuntime
import MoonwheelModel

/// How the prelude makes the table of a module at its first use.
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
    }
  ]
}
