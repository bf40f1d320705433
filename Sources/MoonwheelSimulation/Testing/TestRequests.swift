import LuaRuntime
import MoonwheelModel
import ScriptHost
import Synchronization

/// The tests, mocks and requests that the Lua functions of a test file pass to ``TestRunner``.
final class TestRequests: Sendable {
  /// A test as its file registers it.
  struct Test: Sendable {
    var name: String
    var options: Value
    var body: CallbackID
    /// The line of the test, for example `file.lua:12`.
    var place: String
    var line: Int32
  }

  /// An operation of the simulation that the test calls and waits for.
  struct Request: Sendable {
    var operation: String
    var arguments: [Value]
    var park: ParkID

    subscript(_ index: Int) -> Value { index < arguments.count ? arguments[index] : .nil }
  }

  private struct State {
    var tests: [Test] = []
    var request: Request?
    var mocks: [String: CallbackID] = [:]
    /// The mocks that the simulation does not have yet.
    var newMocks: [String] = []
    var isRunning = false
  }

  private let state = Mutex(State())

  var tests: [Test] { state.withLock { $0.tests } }

  /// Whether the test itself is running, and not one of its mocks.
  var isRunning: Bool {
    get { state.withLock { $0.isRunning } }
    set { state.withLock { $0.isRunning = newValue } }
  }

  func take() -> Request? {
    state.withLock { state in
      defer { state.request = nil }
      return state.request
    }
  }

  func answer(for name: String) -> CallbackID? { state.withLock { $0.mocks[name] } }

  func takeNewMocks() -> [String] {
    state.withLock { state in
      defer { state.newMocks = [] }
      return state.newMocks
    }
  }

  /// The host functions of test files, in addition to those of scripts.
  var functions: [HostFunction] {
    [
      LuaAPI.function("test", ["name", "options", "body"], acceptsCallbacks: true) {
        [self] (call) throws(Mistake) in
        guard call.isolate.isLoading else {
          throw Mistake("test must be called while the file loads, not in a callback")
        }
        guard case .callback(let body) = call[2] else { throw Mistake("test takes a function") }
        let caller = call.isolate.caller()
        let test = Test(
          name: try call.text(0, "the name of a test"), options: call[1], body: body,
          place: caller?.position ?? call.isolate.name, line: caller?.line ?? 0)
        state.withLock { $0.tests.append(test) }
        return .nothing
      },
      LuaAPI.function("simulation", ["operation"], mayPark: true) { [self] (call) throws(Mistake) in
        guard isRunning else {
          throw Mistake("only the test itself can use its simulation, not a mock")
        }
        let park = call.isolate.park(call.coroutine, until: nil)
        let request = Request(
          operation: try call.text(0, "the operation of a simulation"),
          arguments: Array(call.arguments.dropFirst()), park: park)
        state.withLock { $0.request = request }
        return .park
      },
      LuaAPI.function("mock", ["name", "answer"], acceptsCallbacks: true) {
        [self] (call) throws(Mistake) in
        let name = try call.text(0, "the name of a function")
        guard case .callback(let answer) = call[1] else { throw Mistake("mock takes a function") }
        do { try FunctionName.check(name) } catch { throw Mistake("\(error)") }
        state.withLock { state in
          if state.mocks.updateValue(answer, forKey: name) == nil { state.newMocks.append(name) }
        }
        return .nothing
      },
    ]
  }
}
