import LuaSyntax
import Permissions

/// What a script asks for, and what of it nothing in its text can use.
package struct ScriptRequest: Sendable {
  package let script: String
  package let request: PermissionRequest
  /// Empty where the text does not tell.
  package let unused: Set<PermissionKind>

  /// The words of scripts that use a permission.
  private static let words: [PermissionKind: Set<String>] = [
    .net: ["http", "mail", "sql", "ssh"], .read: ["fs", "http", "mail", "sh", "sql", "ssh"],
    .write: ["fs", "http", "sh", "sql", "ssh"], .run: ["sh"], .env: ["os"], .secret: ["secret"],
    .mail: ["mail"], .kv: ["kv"], .unix: ["http"], .insecure: ["http"],
  ]

  /// - Parameters:
  ///   - pings: whether the host sends requests for jobs of the script.
  ///   - hasMore: whether the script may have words of a program that embeds Moonwheel.
  init(
    _ script: String, _ text: [UInt8], _ request: PermissionRequest, pings: Bool, hasMore: Bool
  ) {
    self.script = script
    self.request = request
    let uses = request.isEmpty || hasMore ? nil : GlobalUses.read(text)
    guard let uses, !uses.isOpen, uses.required.isEmpty else {
      unused = []
      return
    }
    let read = Set(uses.reads.map(\.name.global))
    unused = Set(
      request.all.kinds.filter { kind in
        Self.words[kind]?.isDisjoint(with: read) == true && !(pings && kind == .net)
      })
  }
}
