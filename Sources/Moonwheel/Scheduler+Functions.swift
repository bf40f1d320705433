import LuaRuntime
import MoonwheelModel

/// A host function's answer to a script in the manner of `io.open`: `nil, message, code`.
public struct Refusal: Error, Sendable, Hashable {
  public var message: String
  public var code: String

  public init(_ message: String, code: String = "refused") {
    self.message = message
    self.code = code
  }
}

/// A name under which no function can be registered.
public struct RegistrationError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
}

extension Scheduler {
  /// Makes a Swift function callable from scripts that are loaded from now on: register before ``run()``.
  ///
  /// `name` is a global ("greeting") or a field of a table ("shop.price"). The function runs on the worker's thread while
  /// its script waits: it must not block. What it throws is raised in the script; a ``Refusal`` is returned instead.
  /// Arguments that the script leaves out are `.nil`: see ``CallArguments``.
  public func register(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (CallArguments) throws -> Value
  ) throws(RegistrationError) {
    let function = try HostFunction(name, arguments, calling: body)
    engine.functions.withLock { $0.append(function) }
  }

  /// As ``register(_:arguments:_:)``, for a function that waits: the script's run is parked meanwhile and holds no thread.
  public func registerAsync(
    _ name: String, arguments: [String] = [],
    _ body: @escaping @Sendable (CallArguments) async throws -> Value
  ) throws(RegistrationError) {
    try Self.check(name)
    let signature = HostFunctionSignature(name, arguments, mayPark: true)
    let function = HostFunction(signature) { call in
      if call.isolate.isLoading {
        return .raise("\(name) waits, and cannot be called while the script loads")
      }
      let isolate = call.isolate
      let arguments = CallArguments(call.arguments)
      let park = isolate.park(call.coroutine, until: nil)
      Task {
        do {
          isolate.wake(park, .values([try await body(arguments)]))
        } catch let refusal as Refusal {
          isolate.wake(park, .values([.nil, .string(refusal.message), .string(refusal.code)]))
        } catch {
          isolate.wake(park, .raise("\(error)"))
        }
      }
      return .park
    }
    engine.functions.withLock { $0.append(function) }
  }

  /// Throws where no function can have this name.
  fileprivate static func check(_ name: String) throws(RegistrationError) {
    guard let problem = problem(withName: name) else { return }
    throw RegistrationError(description: problem)
  }

  /// Why no function can have this name; nil if one can.
  static func problem(withName name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName = (1...2).contains(parts.count) && parts.allSatisfy(Self.isIdentifier)
    guard isName else {
      return "\"\(name)\" is not a name for a function: write \"name\" or \"table.name\""
    }
    guard !Self.taken.contains(String(parts[0])) else {
      return "\"\(parts[0])\" is a word of the Lua API; choose another name"
    }
    return nil
  }

  private static func isIdentifier(_ text: Substring) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" else {
      return false
    }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  private static let taken: Set<String> = [
    "host", "every", "cron", "at", "after", "on", "job", "jobs", "emit", "wait", "sleep", "cancel",
    "defaults", "test", "clear", "run_all", "idle", "now", "date", "dates", "between", "trigger",
    "log", "print",
    "scheduler", "string",
    "table", "math", "utf8", "coroutine", "os", "io", "require", "load", "package", "debug", "_G",
    "assert", "error",
    "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "rawset",
    "select",
    "setmetatable", "tonumber", "tostring", "type", "xpcall", "collectgarbage",
  ]
}

extension HostFunction {
  /// A function of Swift: what it throws is raised in the script, and a ``Refusal`` is returned.
  init(
    _ name: String, _ arguments: [String] = [],
    calling body: @escaping @Sendable (CallArguments) throws -> Value
  ) throws(RegistrationError) {
    try Scheduler.check(name)
    self.init(HostFunctionSignature(name, arguments)) { call in
      do {
        return .value(try body(CallArguments(call.arguments)))
      } catch let refusal as Refusal {
        return .refuse(refusal.message, code: refusal.code)
      } catch {
        return .raise("\(error)")
      }
    }
  }
}
