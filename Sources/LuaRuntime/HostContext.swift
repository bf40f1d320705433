import CLuaBridge
import MoonwheelModel

/// The context that the bridge passes to each function below. Its isolate retains it and outlives every call.
@safe
final class HostContext {
  unowned var host: (any IsolateHost)?
  var isolate: OpaquePointer?
  /// By host function: the position of the argument that is handed over encoded; -1 is none.
  var rawLast: [Int] = []
}

/// The bridge calls this for a host function. Returns a status, so that no Swift frame is left when Lua raises or
/// yields.
func callHost(
  _ context: UnsafeMutableRawPointer?, _ function: UInt32, _ coroutine: mw_coroutine,
  _ arguments: UnsafePointer<UInt8>?, _ count: Int
) -> mw_reply_status {
  guard let context = unsafe context else { return MW_REPLY_RAISE }
  let owner = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  let message = unsafe UnsafeRawBufferPointer(start: arguments, count: count)
  let arguments = unsafe MessageReader.arguments(message, rawAt: owner.rawLast[Int(function)])
  let reply =
    owner.host?.call(Int(function), arguments, coroutine: coroutine)
    ?? .raise("this script has no host any more")
  switch reply {
  case .values(let values):
    if !values.isEmpty { send(MessageWriter(values).bytes, to: owner) }
    return MW_REPLY_RETURN
  case .yes: return MW_REPLY_TRUE
  case .raise(let text):
    send(Array(text.utf8), to: owner)
    return MW_REPLY_RAISE
  case .park: return MW_REPLY_PARK
  case .end: return MW_REPLY_END
  }
}

/// The bridge calls this on the watchdog's thread. The isolate and its host exist, as the isolate is in Lua meanwhile.
func checkCancellation(_ context: UnsafeMutableRawPointer?, _ job: UInt32, _ run: UInt64) -> Int32 {
  guard let context = unsafe context else { return 0 }
  let owner = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  return owner.host?.isCancelled(job, run: Run.ID(rawValue: run)) == true ? 1 : 0
}

/// The bridge calls this with the callbacks of calls that it answered itself, before it calls the next host function.
func registerBulk(
  _ context: UnsafeMutableRawPointer?, _ callbacks: UnsafePointer<Int32>?, _ count: Int
) {
  guard let context = unsafe context else { return }
  let owner = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  let callbacks = unsafe UnsafeBufferPointer(start: callbacks, count: count)
  owner.host?.registeredInBulk(unsafe callbacks.map { CallbackID(rawValue: $0) })
}

private func send(_ bytes: [UInt8], to owner: HostContext) {
  unsafe bytes.withUnsafeBufferPointer { bytes in
    if let isolate = unsafe owner.isolate {
      unsafe mw_reply(isolate, bytes.baseAddress, bytes.count)
    }
  }
}
