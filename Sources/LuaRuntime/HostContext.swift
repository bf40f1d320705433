import CLuaBridge
import MoonwheelCore

/// What the bridge hands back with each call of a host function. Retained by its isolate, which outlives every call.
@safe
final class HostContext {
  unowned var host: (any IsolateHost)?
  var isolate: OpaquePointer?
  /// Where the argument is that a function passes on; -1 for most functions.
  var passedOn: [Int] = []
}

/// Called by the bridge's trampoline; returns a status, so that no Swift frame is left when Lua raises or yields.
func callHost(
  _ context: UnsafeMutableRawPointer?, _ function: UInt32, _ coroutine: mw_coroutine,
  _ arguments: UnsafePointer<UInt8>?, _ count: Int
) -> mw_reply_status {
  guard let context = unsafe context else { return MW_REPLY_RAISE }
  let owner = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  let message = unsafe UnsafeRawBufferPointer(start: arguments, count: count)
  let arguments = unsafe MessageReader.arguments(message, passingOn: owner.passedOn[Int(function)])
  let reply =
    owner.host?.call(Int(function), arguments, coroutine: coroutine)
    ?? .raise("this script is no longer served")
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

/// Called by the bridge on the thread that presses workers, while the isolate is in Lua, so that it and its host are there.
func checkCancellation(_ context: UnsafeMutableRawPointer?, _ job: UInt32, _ run: UInt64) -> Int32 {
  guard let context = unsafe context else { return 0 }
  let owner = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  return owner.host?.isCancelled(job, run: Run.ID(rawValue: run)) == true ? 1 : 0
}

/// Called by the bridge before it calls a function: for calls that were expected.
func registerBulk(
  _ context: UnsafeMutableRawPointer?, _ callbacks: UnsafePointer<Int32>?, _ count: Int
) {
  guard let context = unsafe context else { return }
  let owner = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  let callbacks = unsafe UnsafeBufferPointer(start: callbacks, count: count)
  owner.host?.repeated(unsafe callbacks.map { CallbackID(rawValue: $0) })
}

private func send(_ bytes: [UInt8], to owner: HostContext) {
  unsafe bytes.withUnsafeBufferPointer { bytes in
    if let isolate = unsafe owner.isolate {
      unsafe mw_reply(isolate, bytes.baseAddress, bytes.count)
    }
  }
}
