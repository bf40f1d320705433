import LuaRuntime
import MoonwheelModel
import Synchronization

extension HostFunction {
  /// An async Swift function. Its call parks the run, and the end of the run cancels its task.
  package init(
    _ name: String, _ arguments: [String] = [],
    awaiting body: @escaping @Sendable (CallArguments) async throws -> Value
  ) throws(RegistrationError) {
    try FunctionName.check(name)
    self.init(name, arguments, awaitingCall: { call in try await body(call.arguments) })
  }

  /// An async Swift function, whose name is checked, that also gets who calls, and what its run may hold.
  package init(
    _ name: String, _ arguments: [String] = [],
    awaitingCall body: @escaping @Sendable (FunctionCall) async throws -> Value
  ) {
    self.init(HostFunctionSignature(name, arguments, mayPark: true)) { call in
      guard !call.isolate.isLoading else {
        return .raise("\(name) waits, and cannot be called while the script loads")
      }
      let size = call.arguments.reduce(0) { $0 + $1.footprint }
      guard let hold = call.isolate.holdMemory(size) else { return .raise("not enough memory") }
      call.await(name, body, hold)
      return .park
    }
  }
}

extension HostCall {
  /// Starts a task that resumes the run when it has ended. `hold` counts the memory of the arguments.
  fileprivate func await(
    _ name: String, _ body: @escaping @Sendable (FunctionCall) async throws -> Value,
    _ hold: MemoryHold
  ) {
    let isolate = isolate
    let account = isolate.memory.script
    let call = FunctionCall(self, of: name)
    let park = isolate.park(coroutine, until: nil)
    let cancellation = TaskCancellation()
    let resource = call.hold { cancellation.cancel() }
    let task = Task {
      defer {
        resource.end()
        withExtendedLifetime(hold) {}
      }
      do {
        let result = try await body(call)
        isolate.wake(park, .values([result], hold: account.hold(result.footprint)))
      } catch let refusal as Refusal {
        isolate.wake(park, .values([.nil, .string(refusal.message), .string(refusal.code)]))
      } catch {
        isolate.wake(park, .raise("\(error)"))
      }
    }
    cancellation.started(task)
  }
}

/// Cancels a task, also one that has not been made when it is to be cancelled.
private final class TaskCancellation: Sendable {
  private let state = Mutex<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))

  func started(_ task: Task<Void, Never>) {
    let isCancelled = state.withLock { state in
      state.task = task
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  func cancel() {
    let task = state.withLock { state in
      state.isCancelled = true
      return state.task
    }
    task?.cancel()
  }
}
