import LuaRuntime
import MoonwheelModel
import Synchronization

/// Where the answer of a function goes that works elsewhere, such as on a thread for files. Give it once, from any thread,
/// also when nobody wants it any more: the run counts as busy with the call until then.
package final class CallAnswer: Sendable {
  private let wanted = Atomic<Bool>(true)
  private let onForget = Mutex<(@Sendable () -> Void)?>(nil)
  private let reply: @Sendable (HostReply) -> Void
  /// Of the script.
  private let account: MemoryAccount

  init(_ account: MemoryAccount, _ reply: @escaping @Sendable (HostReply) -> Void) {
    self.account = account
    self.reply = reply
  }

  /// Whether the script has room for so many more bytes beside what the host keeps for it.
  package func hasRoom(for bytes: Int) -> Bool { account.hasRoom(for: bytes, beside: 0) }

  /// Counts so many bytes for the script, as long as somebody has the result; nil without room.
  package func hold(_ bytes: Int) -> MemoryHold? {
    hasRoom(for: bytes) ? account.hold(bytes) : nil
  }

  /// False once the run has ended, in whatever way: what is under way is to stop and leave nothing behind.
  package var isWanted: Bool { wanted.load(ordering: .acquiring) }

  func forget() {
    wanted.store(false, ordering: .releasing)
    let body = onForget.withLock { body in
      defer { body = nil }
      return body
    }
    body?()
  }

  /// Calls the body once when the run has ended before its answer, at once if it has. It must not block.
  package func whenUnwanted(_ body: @escaping @Sendable () -> Void) {
    onForget.withLock { $0 = body }
    guard !isWanted else { return }
    forget()
  }

  package func give(_ results: [Value]) { reply(.values(results)) }

  /// Returns a ``Refusal`` to the script, with a value after its code if there is one, and raises any other error in it.
  package func fail(_ error: any Error, _ partial: Value = .nil) {
    reply(HostReply(error, partial))
  }
}

extension HostReply {
  fileprivate init(_ error: any Error, _ partial: Value = .nil) {
    guard let refusal = error as? Refusal else {
      self = .raise("\(error)")
      return
    }
    let values: [Value] = [.nil, .string(refusal.message), .string(refusal.code)]
    self = .values(partial.isNil ? values : values + [partial])
  }
}

extension HostFunction {
  /// A function that works elsewhere. `body` runs on the worker of the call, and must not block: it checks the arguments,
  /// and returns the work, which gives the answer some time. Throws as other functions do.
  init(
    _ name: String, _ arguments: [String], _ traits: ModuleFunction.Traits,
    answering body: @escaping @Sendable (FunctionCall) throws -> ModuleFunction.Work
  ) {
    var signature = HostFunctionSignature(name, arguments, mayPark: true)
    signature.takesLargeArguments = traits.takesLargeArguments
    self.init(signature) { call in
      guard !call.isolate.isLoading || traits.answersLoads else {
        return .raise("\(name) waits, and cannot be called while the script loads")
      }
      do {
        let given = FunctionCall(call, of: name)
        let work = try body(given)
        guard !call.isolate.isLoading else { return call.answer(work) }
        return call.park(for: given, name, work)
      } catch {
        return HostReply(error)
      }
    }
  }
}

extension HostCall {
  /// Works at once, for a script that loads.
  fileprivate func answer(_ work: ModuleFunction.Work) -> HostReply {
    let reply = Mutex<HostReply?>(nil)
    work(CallAnswer(isolate.memory.account) { given in reply.withLock { $0 = given } })
    return reply.withLock { $0 } ?? .raise("no answer came while the script loads")
  }

  /// Parks the run until the answer comes. The arguments count for the script's memory meanwhile.
  fileprivate func park(
    for call: FunctionCall, _ function: String, _ work: ModuleFunction.Work
  ) -> HostReply {
    let size = arguments.reduce(0) { $0 + $1.footprint }
    guard let hold = isolate.holdMemory(size) else { return .raise("not enough memory") }
    let (isolate, account) = (isolate, isolate.memory.script)
    let park = isolate.park(coroutine, until: nil)
    let resource = Mutex<RunResource?>(nil)
    let answer = CallAnswer(isolate.memory.account) { reply in
      switch reply {
      case .values(let values):
        let size = values.reduce(0) { $0 + $1.footprint }
        isolate.wake(park, .values(values, hold: account.hold(size)))
      case .raise(let text): isolate.wake(park, .raise(text))
      case .yes, .park, .end: preconditionFailure("an answer is values or an error")
      }
      resource.withLock { $0 }?.end()
      withExtendedLifetime(hold) {}
    }
    let held = call.hold(function, ending: { answer.forget() })
    resource.withLock { $0 = held }
    work(answer)
    return .park
  }
}
