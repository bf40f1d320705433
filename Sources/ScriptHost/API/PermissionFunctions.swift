import LuaRuntime
import MoonwheelModel
import Permissions
import Triggers

/// The word `permissions`.
enum PermissionFunctions {
  static let all: [HostFunction] = [
    LuaAPI.function("permissions", ["permissions"]) { (call) throws(Mistake) in
      try ask(call)
      return .nothing
    }
  ]

  private static func ask(_ call: HostCall) throws(Mistake) {
    let isolate = call.isolate
    guard isolate.isLoading else {
      throw Mistake(
        "permissions are asked for while the script loads: write permissions { ... } at its top, not in a function that runs later"
      )
    }
    if let module = foreignText(isolate) {
      throw Mistake(
        "only the script itself asks for permissions, not \(module): what it requires has the rights of the script. Write permissions { ... } at the top of \(isolate.name)"
      )
    }
    guard isolate.loading?.hasAsked == false else {
      throw Mistake("permissions is called once: put all that the script needs into one table")
    }
    let request = try request(call[0])
    isolate.loading?.hasAsked = true
    // Else it repeats the load of the script, whose permissions hold.
    guard isolate.loading?.done != nil, isolate.privateRun == nil else { return }
    guard isolate.registry.count == 0 else {
      throw Mistake("permissions come before the first job: move this to the top of the script")
    }
    if let problem = isolate.permissions.ask(request) { throw Mistake(problem) }
  }

  /// What the calling text is if it is not the script; nil if it is.
  private static func foreignText(_ isolate: ScriptIsolate) -> String? {
    guard let position = isolate.caller()?.position, let colon = position.lastIndex(of: ":") else {
      return "a text without a place"
    }
    // Lua shortens names that are longer.
    let text = position[..<colon]
    if isolate.name.utf8.count < 50 { return text == isolate.name ? nil : String(text) }
    return isolate.moduleLoads.isEmpty ? nil : String(text)
  }

  // MARK: Reading

  private static let known = PermissionKind.allCases.map(\.rawValue) + ["optional"]

  private static func request(_ value: Value) throws(Mistake) -> PermissionRequest {
    guard let table = fields(value) else {
      throw Mistake(
        "permissions takes a table, as in permissions { net = { \"api.example.com\" } }, not \(value.described)"
      )
    }
    var request = PermissionRequest()
    if let optional = table["optional"] {
      guard let inner = fields(optional) else {
        throw Mistake(
          "optional must be a table of permissions, as in optional = { net = { \"api.example.com\" } }, not \(optional.described)"
        )
      }
      guard inner["optional"] == nil else { throw Mistake("optional has no optional in it") }
      request.optional = try set(inner, prefix: "optional.")
    }
    request.required = try set(table, prefix: "")
    return request
  }

  /// Nil if the value is no table. An empty table is read as a list.
  private static func fields(_ value: Value) -> [Value: Value]? {
    switch value {
    case .table(let pairs): pairs
    case .list(let values):
      Dictionary(
        values.enumerated().map { (.integer(Int64($0 + 1)), $1) }, uniquingKeysWith: { $1 })
    default: nil
    }
  }

  private static func set(
    _ table: [Value: Value], prefix: String
  ) throws(Mistake) -> PermissionSet {
    var set = PermissionSet()
    for key in table.keys where key != "optional" {
      guard let name = key.text, let kind = PermissionKind(rawValue: name) else {
        throw unknown(key, prefix: prefix)
      }
      set[kind] = try entries(table[key] ?? .nil, prefix + name)
    }
    do throws(EntryProblem) {
      try set.check()
    } catch {
      throw Mistake("permissions: \(prefix)\(error)")
    }
    return set
  }

  private static func unknown(_ key: Value, prefix: String) -> Mistake {
    guard let name = key.text else {
      return Mistake(
        "permissions: \(prefix)entries stand under a kind, as in net = { ... }, and not under \(key.described)"
      )
    }
    let hint =
      Spelling.nearest(to: name, in: known).map { "did you mean \"\($0)\"?" }
      ?? "there are \(known.joined(separator: ", "))"
    return Mistake(
      "permissions: there is no kind \(LuaQuote.quoted(prefix + name, most: 60)); \(hint)")
  }

  private static func entries(_ value: Value, _ name: String) throws(Mistake) -> [String] {
    if let text = value.text { return [text] }
    guard case .list(let values) = value else {
      throw Mistake(
        "permissions: \(name) must be a list of texts, as in \(name) = { \"...\" }, not \(value.described)"
      )
    }
    guard values.count <= PermissionSet.most else {
      throw Mistake("permissions: \(name) has more than \(PermissionSet.most) entries")
    }
    var entries: [String] = []
    for (index, value) in values.enumerated() {
      guard let text = value.text else {
        throw Mistake(
          "permissions: \(name)[\(index + 1)] must be a text, not \(value.described)")
      }
      if !entries.contains(text) { entries.append(text) }
    }
    return entries
  }
}
