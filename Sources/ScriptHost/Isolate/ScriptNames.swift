import LuaRuntime
import MoonwheelModel

/// The memory of a script: of all its generations that still serve or have runs under way.
public struct ScriptMemoryUse: Sendable, Hashable {
  public let script: String
  /// Bytes that its Lua states have taken from the system.
  public let heap: Int
  /// Bytes that the host keeps for it: jobs, options, promises, `run.state`, events and results under way.
  public let host: Int
  /// The most that the states and the host may hold together, in bytes, of its newest generation.
  public let limit: Int

  /// `Lua heap 1.2 MiB, kept by the host 310.0 KiB, of 64.0 MiB`
  package var description: String {
    "Lua heap \(MemorySize.rounded(heap)), kept by the host \(MemorySize.rounded(host)), of \(MemorySize.rounded(limit))"
  }
}

/// The names of the scripts that a scheduler has had, and their accounts.
struct ScriptNames {
  /// Indexed by script id minus 1.
  private var names: [String] = []
  private var accounts: [String: MemoryAccount] = [:]
  private var generations: [String: [WeakAccount]] = [:]

  /// Of the generations that may still exist.
  private var kept: [WeakPermissions] = []

  private struct WeakPermissions {
    weak var permissions: ScriptPermissions?
  }

  private struct WeakAccount {
    weak var account: MemoryAccount?
  }

  /// What the scripts hold whose isolates exist, by name.
  var memory: [ScriptMemoryUse] {
    accounts.compactMap { name, account in
      let live = (generations[name] ?? []).compactMap(\.account)
      guard let newest = live.last else { return nil }
      let own = live.reduce(0) { $0 + $1.kept - account.kept }
      return ScriptMemoryUse(
        script: name, heap: live.reduce(0) { $0 + $1.states }, host: account.kept + own,
        limit: newest.cap)
    }.sorted { $0.script < $1.script }
  }

  /// What the generations may do that exist.
  var permissions: [ScriptPermissions] { kept.compactMap(\.permissions) }

  /// Adds what a new generation may do.
  mutating func add(_ permissions: ScriptPermissions) {
    // Now and then is enough: the list is at most twice as long as it must be.
    if kept.count == kept.capacity { kept.removeAll { $0.permissions == nil } }
    kept.append(WeakPermissions(permissions: permissions))
  }

  /// The account of a new generation.
  mutating func newAccount(of name: String, cap: Int) -> (MemoryAccount, script: MemoryAccount) {
    let script = account(of: name)
    let account = MemoryAccount(of: script, cap: cap)
    generations[name] =
      (generations[name] ?? []).filter { $0.account != nil } + [WeakAccount(account: account)]
    return (account, script)
  }

  mutating func add(_ name: String) -> ScriptID {
    names.append(name)
    return ScriptID(rawValue: Int32(names.count))
  }

  /// Empty for an unknown id.
  subscript(script: ScriptID) -> String {
    let index = Int(script.rawValue) - 1
    return names.indices.contains(index) ? names[index] : ""
  }

  /// By name, since the store knows scripts by their names before they are loaded.
  mutating func account(of name: String) -> MemoryAccount {
    if let account = accounts[name] { return account }
    let account = MemoryAccount()
    accounts[name] = account
    return account
  }
}
