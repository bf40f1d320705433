import LuaRuntime
import MoonwheelModel

/// What is wrong with the registrations of a script that is loaded to find that out: each is noted, and the load goes on
/// without it.
struct MistakeList {
  /// More are not looked for.
  static let most = 100
  /// What stands for a trigger with a mistake.
  static let badTrigger = "a trigger that is none"

  let script: String
  private(set) var errors: [ScriptError] = []
  private var texts: Set<String> = []

  init(script: String) { self.script = script }

  /// Whether the load goes on. What a loop does again is told once.
  mutating func note(_ mistake: Mistake, at position: String?) -> Bool {
    guard errors.count < Self.most else { return false }
    let message = position.map { "\($0): \(mistake.text)" } ?? mistake.text
    guard texts.insert(message).inserted else { return true }
    errors.append(ScriptError(.load, script: script, message))
    return true
  }
}

extension LuaAPI {
  /// A function that registers something. Where mistakes are gathered, it gives `instead` after one, and raises nothing.
  static func registering(
    _ instead: HostReply, _ body: @escaping @Sendable (HostCall) throws(Mistake) -> HostReply
  ) -> @Sendable (HostCall) throws(Mistake) -> HostReply {
    { (call) throws(Mistake) in
      do throws(Mistake) {
        return try body(call)
      } catch {
        let isolate = call.isolate
        guard isolate.isLoading, isolate.mistakes != nil else { throw error }
        guard !call.arguments.contains(where: \.hasBadTrigger) else { return instead }
        guard isolate.mistakes?.note(error, at: isolate.caller()?.position) == true else {
          throw error
        }
        return instead
      }
    }
  }
}

extension Value {
  /// Whether it is made of a trigger that was refused where it was written, and told there.
  fileprivate var hasBadTrigger: Bool {
    switch self {
    case .table(let pairs):
      pairs["text"] == .string(MistakeList.badTrigger)
        || pairs.values.contains(where: \.hasBadTrigger)
    case .list(let values): values.contains(where: \.hasBadTrigger)
    case .nil, .bool, .integer, .number, .string, .bytes, .callback, .job: false
    }
  }
}
