import LuaRuntime
import MoonwheelModel
import Triggers

/// The host functions of scripts, by theme. Their names begin with `host.`; the Lua prelude builds the words of the Lua
/// API on them.
package enum LuaAPI {
  package static let functions: [HostFunction] =
    jobs + handles + runs + script + history + events + ListenFunctions.all
    + PermissionFunctions.all + ModuleFunctions.all + time + text

  package static func function(
    _ name: String, _ arguments: [String] = [], acceptsCallbacks: Bool = false,
    mayPark: Bool = false, passesRawLast: Bool = false, timedWaits: Bool = false,
    isUnobserved: Bool = false,
    _ body: @escaping @Sendable (HostCall) throws(Mistake) -> HostReply
  ) -> HostFunction {
    HostFunction(
      HostFunctionSignature(
        "host.\(name)", arguments, acceptsCallbacks: acceptsCallbacks, mayPark: mayPark,
        passesRawLast: passesRawLast, timedWaits: timedWaits, isUnobserved: isUnobserved),
      HostCall.raising(body))
  }

  static func refuseWhileLoading(_ call: HostCall, _ word: String) throws(Mistake) {
    guard call.isolate.isLoading else { return }
    throw Mistake(
      "\(word) cannot be used while the script loads: loading only registers jobs; use it in a callback"
    )
  }

  /// Nanoseconds of a duration that a script gave as a number of seconds or as a string.
  package static func duration(_ value: Value, _ what: String) throws(Mistake) -> Int64 {
    do {
      if let text = value.text { return try DurationText.parse(text) }
      if let seconds = value.double { return try DurationText.nanoseconds(seconds: seconds) }
    } catch {
      throw Mistake("\(what): \(error.message)")
    }
    throw Mistake(
      "\(what) must be a duration like \"10s\" or a number of seconds, not \(value.described)")
  }
}
