import CLuaBridge
import MoonwheelModel

/// The result of a host function.
public enum HostReply: Sendable {
  case values([Value])
  /// The value true, at less cost than ``values(_:)``.
  case yes
  /// Raises an error in the script; the bridge puts the position of the call in front.
  case raise(String)
  /// Parks the coroutine. The host resumes it by the number that ``IsolateHost/call(_:_:coroutine:)`` was given.
  case park
  /// Ends the run with the interrupt: an error that the script cannot catch.
  case end

  public static func value(_ value: Value) -> HostReply { .values([value]) }
  public static let nothing = HostReply.values([])
  /// A failure outside of the script, as `io.open` returns it: nil, message, code.
  public static func refuse(_ message: String, code: String) -> HostReply {
    .values([.nil, .string(message), .string(code)])
  }
}

/// How a Swift function appears in Lua.
public struct HostFunctionSignature: Sendable {
  /// "name" or "table.name"; "host.name" is for the prelude only.
  public var name: String
  /// Names of the arguments, for error messages.
  public var arguments: [String]
  public var acceptsCallbacks: Bool
  public var mayPark: Bool
  /// The last argument is handed over encoded (``HostArguments/rawLast``), unless it contains a handle or a callback.
  public var passesRawLast: Bool
  /// A run only waits, for the duration in the argument. The bridge parks it without a call of this function, which calls
  /// that belong to no run, and wrong arguments, reach.
  public var timedWaits: Bool
  /// A call changes nothing in the host that concerns the run, so it does not stop a batch.
  public var isUnobserved: Bool
  /// The prelude makes the function when its script needs it, from ``flags`` and the index in the isolate's `functions`.
  public var isLazy = false
  /// Its arguments may be larger than a message may be; the memory of the script bounds them.
  public var takesLargeArguments = false

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
  /// How the bridge calls the function.
  public var flags: UInt32 {
    (acceptsCallbacks ? MW_ACCEPTS_CALLBACKS.rawValue : 0)
      | (mayPark ? MW_MAY_PARK.rawValue : 0)
      | (timedWaits ? MW_TIMED_WAIT.rawValue : 0)
      | (isUnobserved ? MW_UNOBSERVED.rawValue : 0)
      | (takesLargeArguments ? MW_LARGE_ARGUMENTS.rawValue : 0)
  }

  /// The names of the arguments as the bridge takes them.
  public var argumentNames: String { arguments.joined(separator: ",") }

  /// The position of the argument that is handed over encoded; -1 is none.
  var rawLast: Int { passesRawLast ? arguments.count - 1 : -1 }
}

/// The arguments of a call of a host function.
public struct HostArguments: Sendable {
  public var values: [Value]
  /// The last argument, in place of its value, if the function takes it encoded.
  public var rawLast: EncodedValue?

  public init(_ values: [Value], rawLast: EncodedValue? = nil) {
    self.values = values
    self.rawLast = rawLast
  }
}

/// Implements an isolate's host functions. Called on the thread that runs the isolate, one call at a time.
public protocol IsolateHost: AnyObject {
  /// `function` is the index of its signature in the isolate's `functions`; `coroutine` is the run's coroutine, or 0 if
  /// no run makes the call.
  func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply

  /// The callbacks of calls that the bridge answered after ``Isolate/expectBulkRegistrations(from:atMost:)``, in order.
  func registeredInBulk(_ callbacks: [CallbackID])

  /// Whether to cancel a run of the job with this ``JobID/cancellationKey``. The watchdog's thread calls it, while the
  /// isolate is in Lua and does not yield.
  func isCancelled(_ job: UInt32, run: Run.ID) -> Bool
}

extension IsolateHost {
  public func isCancelled(_ job: UInt32, run: Run.ID) -> Bool { false }

  public func registeredInBulk(_ callbacks: [CallbackID]) {
    preconditionFailure("the bridge answered \(callbacks.count) calls that nobody expected")
  }
}
