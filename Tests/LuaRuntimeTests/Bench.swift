import LuaRuntime
import MoonwheelModel
import SchedulerCore
import SystemCalls
import Testing
import Triggers

/// An isolate with the host functions that the tests need, and a record of what the script handed over.
final class Bench: IsolateHost {
  private(set) var isolate: Isolate
  /// Arguments of each call of `take`, and what `print` was given.
  private(set) var taken: [[Value]] = []
  private(set) var callbacks: [CallbackID] = []
  private(set) var parked: [UInt32] = []
  private(set) var callers: [String] = []
  /// Where in its batch each call of `take` was made.
  private(set) var positions: [(position: Int, passed: Int64)] = []
  /// Answers `ask`.
  var answer: HostReply = .nothing

  private static let functions: [HostFunctionSignature] = [
    .init("take", ["payload", "second"]),
    .init("echo", ["payload", "second"]),
    .init("sleep", ["duration"], mayPark: true),
    .init("keep", ["name", "callback"], acceptsCallbacks: true),
    .init("refuse", ["why", "callback"], acceptsCallbacks: true),
    .init("ask"),
    .init("kv.get", ["key"]),
    .init("host.print", ["text"]),
    .init("pass", ["name", "payload"], passesRawLast: true),
  ]

  private static let prelude = """
    local host = ...
    local tostring, concat, pack = tostring, table.concat, table.pack
    function print(...)
      local texts = pack(...)
      for i = 1, texts.n do texts[i] = tostring(texts[i]) end
      host.print(concat(texts, "\\t"))
    end
    function call(f, ...) return f(...) end
    debug = { traceback = host.traceback }
    function host.run_index(run, key) return "run." .. key end
    function host.job_metatable.__index(handle, key) return key end
    """

  init(
    limits: IsolateLimits = IsolateLimits(), prelude: String = "", account: MemoryAccount? = nil
  ) throws {
    isolate = try Isolate(
      limits: limits, functions: Self.functions, preludes: [Array((Self.prelude + prelude).utf8)],
      account: account)
    isolate.host = self
  }

  func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply {
    let arguments = arguments.values
    switch function {
    case 0, 7:
      taken.append(arguments)
      positions.append(isolate.positionInBatch)
    case 1: return .values(arguments)
    case 2:
      parked.append(coroutine)
      return .park
    case 3:
      if case .callback(let callback)? = arguments.last { callbacks.append(callback) }
      callers.append(isolate.caller()?.position ?? "nowhere")
    case 4: return .raise(arguments.first?.text ?? "refused")
    case 5: return answer
    default: return .value(.string("value of \(arguments.first?.text ?? "")"))
    }
    return .nothing
  }

  /// Loads a script, from its start until it parks or ends.
  func load(_ text: String, name: String = "script.lua") throws -> IsolateOutcome {
    let chunk = try isolate.compile(Array(text.utf8), name: name)
    defer { isolate.release(chunk) }
    return isolate.run(chunk)
  }

  /// Loads a script, resumes it whenever it parks, and gives its result.
  func run(_ text: String, name: String = "script.lua") throws -> Value {
    switch finish(try load(text, name: name)) {
    case .finished(let value): return value
    case .failed(let failure): throw failure
    case let other: throw Unexpected(outcome: "\(other)")
    }
  }

  func finish(_ outcome: IsolateOutcome) -> IsolateOutcome {
    var outcome = outcome
    while case .parked(let coroutine, _) = outcome { outcome = isolate.resume(coroutine, with: []) }
    return outcome
  }

  func start(_ callback: CallbackID, _ payload: Dispatch.Payload = .none) -> IsolateOutcome {
    isolate.turn {
      $0.start(.sample(7, number: 3, payload), CallbackStart(callback: callback))
    }
  }

  /// Runs enough steps of the collector for several whole cycles.
  func collect() throws {
    _ = try run("for _ = 1, 3 do repeat until collectgarbage('step') end")
  }
}

struct Unexpected: Error { var outcome: String }

/// The message of the error that a body throws.
func failure(_ body: () throws -> Value) -> String {
  do {
    return "no error: \(try body())"
  } catch let error as RunFailure {
    return error.message
  } catch {
    return "\(error)"
  }
}

extension Isolate {
  /// Gives one run a turn. The wall time is 10.5 s after 1970.
  func turn(_ fill: (inout RunBatch) -> Void) -> IsolateOutcome {
    var batch = RunBatch(capacity: 1)
    fill(&batch)
    let time = BatchTime(now: Clocks.monotonic(), wall: 10_500_000_000, pace: 0)
    if let outcome = run(&batch, at: time).outcome { return outcome }
    let end = batch.end(0)
    return end.coroutine == 0 ? .finished(.nil) : .parked(end.coroutine, length: end.length)
  }

  func run(
    _ function: CallbackID, _ arguments: [Value] = [], _ limits: TurnLimits = TurnLimits()
  ) -> IsolateOutcome {
    turn { $0.call(function, arguments, limits) }
  }

  func resume(_ coroutine: UInt32, with values: [Value]) -> IsolateOutcome {
    turn { $0.resume(coroutine, with: values) }
  }

  func resume(_ coroutine: UInt32, raising error: String) -> IsolateOutcome {
    turn { $0.resume(coroutine, raising: error) }
  }

  func interrupt(_ coroutine: UInt32) -> IsolateOutcome { turn { $0.interrupt(coroutine) } }
}

extension Dispatch {
  /// The run of a job that is due 10 s after 1970.
  static func sample(_ run: UInt64, number: Int64, _ payload: Payload = .none) -> Dispatch {
    Dispatch(
      generation: GenerationID(rawValue: 1), job: .none, run: Run.ID(rawValue: run),
      handle: JobHandle(index: 1, reuse: 2), attempt: 1, number: number,
      scheduledAt: Timestamp(seconds: 10), key: .none, isRecorded: false,
      extras: Boxed(Extras(payload: payload)))
  }
}
