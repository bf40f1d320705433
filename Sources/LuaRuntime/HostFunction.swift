import MoonwheelModel

/// What a host function answers.
public enum HostReply: Sendable {
  case values([Value])
  /// True: the same as a value, for less.
  case yes
  /// An error in the script, with its position put in front.
  case raise(String)
  /// The coroutine waits; the host resumes it by the number that the call named.
  case park
  /// The run ends here, as by the interrupt: an error that the script cannot catch.
  case end

  public static func value(_ value: Value) -> HostReply { .values([value]) }
  public static let nothing = HostReply.values([])
  /// A refusal by the outside world, as `io.open` has it: nil, message, code.
  public static func refuse(_ message: String, code: String) -> HostReply {
    .values([.nil, .string(message), .string(code)])
  }
}

/// How a Swift function appears in Lua.
public struct HostFunctionSignature: Sendable {
  /// "name" or "table.name"; "host.name" is for the prelude only.
  public var name: String
  /// Names of the arguments, for messages.
  public var arguments: [String]
  public var acceptsCallbacks: Bool
  public var mayPark: Bool
  /// The last argument is handed over as the isolate wrote it, unless it has a handle in it.
  public var passesRawLast: Bool
  /// Its argument is a length of time, for which it parks and nothing else: runs of a batch need not call it for that.
  public var timedWaits: Bool
  /// It does nothing that is to be told of the run that calls it: runs of a batch go on as if they had not called.
  public var isUnobserved: Bool

  public init(
    _ name: String, _ arguments: [String] = [], acceptsCallbacks: Bool = false,
    mayPark: Bool = false, passesRawLast: Bool = false, timedWaits: Bool = false,
    isUnobserved: Bool = false
  ) {
    self.isUnobserved = isUnobserved
    self.passesRawLast = passesRawLast
    self.timedWaits = timedWaits
    self.name = name
    self.arguments = arguments
    self.acceptsCallbacks = acceptsCallbacks
    self.mayPark = mayPark
  }
}

extension HostFunctionSignature {
  /// The place of the argument that is passed on; -1 is none.
  var rawLast: Int { passesRawLast ? arguments.count - 1 : -1 }
}

/// What a host function is called with.
public struct HostArguments: Sendable {
  public var values: [Value]
  /// The last argument of a function that passes it on, in place of its value.
  public var rawLast: EncodedValue?

  public init(_ values: [Value], rawLast: EncodedValue? = nil) {
    self.values = values
    self.rawLast = rawLast
  }
}

/// Who answers the calls of an isolate's scripts: on the thread that runs the isolate, one call at a time.
public protocol IsolateHost: AnyObject {
  /// `function` is the place of the signature that the isolate was made with; `coroutine` names the run's coroutine,
  /// and is 0 outside of one.
  func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply

  /// What ``Isolate/expectRepeats(from:atMost:)`` asked for: the functions of calls that were not made, in their order.
  func repeated(_ callbacks: [CallbackID])

  /// Whether a run under way is to end, by its job's ``JobID/cancellationKey``. On another thread than the isolate's, while
  /// that is in Lua and does not yield.
  func isCancelled(_ job: UInt32, run: Run.ID) -> Bool
}

extension IsolateHost {
  public func isCancelled(_ job: UInt32, run: Run.ID) -> Bool { false }

  public func repeated(_ callbacks: [CallbackID]) {
    preconditionFailure("\(callbacks.count) calls were noted that nobody expected")
  }
}
