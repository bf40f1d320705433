import ModuleKit
import MoonwheelModel
import ScriptHost

/// `secret`: values that the script does not have in its text. Whatever it is given is masked from then on (``GivenSecrets``).
struct SecretModule: ScriptModule {
  let name = "secret"
  private let book: SecretBook
  private let given: GivenSecrets
  private let log: ScriptLog

  init(of environment: ScriptEnvironment) {
    book = SecretBook(environment.configuration.selection.secrets)
    given = environment.secrets
    log = environment.log
  }

  var functions: [ModuleFunction] {
    [
      ModuleFunction("get", ["name"]) { call in
        let name = try Self.name(call)
        guard !book.givesNames else { return Self.simulated(name) }
        guard let value = try book.value(of: name) else {
          throw Refusal(book.missing(name), code: "missing")
        }
        given.add(value)
        if value.count < SecretMask.shortest, book.isFirst(name) {
          log.warned(
            [
              "the secret \(name) has fewer than \(SecretMask.shortest) bytes, and is not masked: the log and the store show it"
            ], in: call.script)
        }
        return String(validating: value, as: UTF8.self).map { .string($0) } ?? .bytes(value)
      }
    ]
  }

  var simulated: [ModuleFunction] {
    [ModuleFunction("get", ["name"]) { call in Self.simulated(try Self.name(call)) }]
  }

  private static func simulated(_ name: String) -> Value { .string("<secret \(name)>") }

  private static func name(_ call: FunctionCall) throws -> String {
    guard let name = call.arguments[0].text else {
      throw SecretMistake(
        "secret takes the name of a secret, not \(call.arguments[0].described)")
    }
    guard SecretBook.isName(name) else {
      throw SecretMistake(
        "\"\(name)\" is not the name of a secret: names have letters, digits and _ - . only, and begin with a letter or _"
      )
    }
    try call.require(.secret, name)
    return name
  }

  /// `secret("X")` is `secret.get("X")`, which tests mock.
  let lua = """
    local secret = ...
    local setmetatable = setmetatable

    setmetatable(secret, {
      __metatable = false,
      __call = function(_, name) return secret.get(name) end,
    })
    """
}

/// A wrong argument of `secret`: an error in the script, at the call.
private struct SecretMistake: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
