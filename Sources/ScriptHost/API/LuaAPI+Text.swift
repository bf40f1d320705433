import LuaRuntime
import LuaSyntax
import MoonwheelModel

extension LuaAPI {
  /// `print`, `log.*`, `require`.
  static let text: [HostFunction] = [
    function("print", ["text"]) { (call) throws(Mistake) in
      call.isolate.log(.info, call[0].printed, fields: .nil)
      return .nothing
    },
    function("log", ["level", "message", "fields"]) { (call) throws(Mistake) in
      guard let level = ScriptLogLevel(rawValue: call[0].text ?? "") else {
        throw Mistake("there is no log level \(call[0].described)")
      }
      call.isolate.log(level, call[1].printed, fields: call[2])
      return .nothing
    },
    function("module_begin", ["name"]) { (call) throws(Mistake) in
      let name = try call.text(0, "the name of a module", atMost: ModuleFinder.longestName)
      switch call.isolate.moduleLoads.begin(name, by: call.coroutine) {
      case .load: return .value(true)
      case .wait: return .value(false)
      case .cycle(let modules):
        throw Mistake("a cycle of require: \(modules.joined(separator: " -> "))")
      }
    },
    function("module_wait", ["name"], mayPark: true) { (call) throws(Mistake) in
      let name = try call.text(0, "the name of a module")
      let park = call.isolate.park(call.coroutine, until: nil)
      call.isolate.moduleLoads.wait(for: name, by: call.coroutine, park)
      return .park
    },
    function("module_end", ["name"]) { (call) throws(Mistake) in
      let name = try call.text(0, "the name of a module")
      let isolate = call.isolate
      for park in isolate.moduleLoads.end(name, by: call.coroutine) {
        isolate.wake(park, .values([]))
      }
      return .nothing
    },
    function("find_module", ["name"]) { (call) throws(Mistake) in
      let name = try call.text(0, "the name of a module")
      let isolate = call.isolate
      let module = try isolate.modules.find(name, again: isolate.registry.isReattaching)
      return .values([.bytes(module.text), .string(module.chunk)])
    },
    function("explain_syntax", ["module", "error"]) { (call) throws(Mistake) in
      let module = call.isolate.modules.byName[try call.text(0, "the name of a module")]
      let (name, text) = (module?.chunk.dropFirst() ?? "", module?.text ?? [])
      return .value(.string(SourceText.explain(call[1].printed, text, name: String(name))))
    },
  ]
}

extension Value {
  /// The text that `print` shows; invalid UTF-8 is replaced.
  var printed: String {
    switch self {
    case .string(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    default: described
    }
  }
}
