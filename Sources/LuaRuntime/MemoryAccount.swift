import CLuaBridge
import MoonwheelModel

/// The memory of a script: what its isolates hold, and what the host keeps for it, against one cap. See account.c.
///
/// An account of a generation counts what the account of its script keeps, too. Any thread may use it.
///
/// Safe although it holds a pointer: `init` makes the pointer, `deinit` frees it, whoever uses it retains the account,
/// and every function of the bridge is total.
@safe
public final class MemoryAccount: MemoryOwner {
  /// Never changed. Threads share its target by atomics alone.
  nonisolated(unsafe) let pointer: OpaquePointer
  private let above: MemoryAccount?

  /// The account of a script, without a cap of its own.
  public init() {
    above = nil
    unsafe pointer = mw_account_create(nil, 0)
  }

  /// The account of one generation of a script. `cap` is in bytes.
  public init(of script: MemoryAccount, cap: Int) {
    above = script
    unsafe pointer = mw_account_create(script.pointer, cap)
  }

  deinit { unsafe mw_account_free(pointer) }

  /// The most bytes that the host may keep and a Lua heap may use together.
  public var cap: Int {
    get { unsafe mw_account_cap(pointer) }
    set { unsafe mw_account_set_cap(pointer, newValue) }
  }

  /// Bytes that the isolates have taken from the system.
  public var states: Int { unsafe mw_account_states(pointer) }

  /// Bytes that the host keeps.
  public var kept: Int { unsafe mw_account_kept(pointer) }

  /// How many bytes more the host may keep, beside a heap that uses `used`.
  public func room(beside used: Int) -> Int { max(0, cap - cap / 8 - kept - used) }

  /// Whether the host may keep so many more bytes, beside a Lua heap that uses `used`. An eighth of the cap stays free.
  public func hasRoom(for bytes: Int, beside used: Int) -> Bool {
    unsafe mw_account_has_room(pointer, bytes, used) != 0
  }

  /// Counts bytes, whether or not there is room, until ``letGo(_:)``.
  public func keep(_ bytes: Int) { unsafe mw_account_keep(pointer, bytes) }

  public func letGo(_ bytes: Int) { unsafe mw_account_let_go(pointer, bytes) }

  /// Counts bytes, whether or not there is room, for as long as somebody has the result.
  public func hold(_ bytes: Int) -> MemoryHold {
    bytes > 0 ? MemoryHold(HeldBytes(bytes, of: self)) : .none
  }

  /// For messages.
  var summary: String {
    "; the script's states hold \(states), and the host keeps \(kept) for it"
  }
}

/// Bytes that count for an account as long as this object exists.
private final class HeldBytes: Sendable {
  private let account: MemoryAccount
  private let bytes: Int

  init(_ bytes: Int, of account: MemoryAccount) {
    self.account = account
    self.bytes = bytes
    account.keep(bytes)
  }

  deinit { account.letGo(bytes) }
}
