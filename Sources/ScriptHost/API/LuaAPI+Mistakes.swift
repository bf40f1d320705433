import LuaRuntime
import MoonwheelModel

extension LuaAPI {
  /// Wraps a registering function. If the load collects mistakes, it returns `instead` after one and raises nothing.
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
        guard isolate.mistakes?.add(error, at: isolate.caller()?.position) == true else {
          throw error
        }
        return instead
      }
    }
  }
}

extension Value {
  /// Whether it contains a trigger whose mistake has been collected where the script wrote it.
  fileprivate var hasBadTrigger: Bool {
    switch self {
    case .table(let pairs):
      pairs["text"] == .string(MistakeList.badTrigger)
        || pairs.values.contains(where: \.hasBadTrigger)
    case .list(let values): values.contains(where: \.hasBadTrigger)
    case .nil, .null, .bool, .integer, .number, .string, .bytes, .callback, .job: false
    }
  }
}
