import LuaRuntime
import MoonwheelModel
import SchedulerCore

/// What the host keeps for a script, in the view of one of its isolates. It belongs to the isolate's worker.
///
/// Everything of a size that the script chooses is counted before it is kept, in the account of the generation if it
/// goes with that (jobs, options, runs that wait), else in the account of the script (promises, `run.state`, events,
/// ends of runs). Beyond the cap a call is refused, and data that come without a call are left out.
package final class ScriptMemory {
  /// Of the generation; a private isolate shares that of its script.
  package let account: MemoryAccount
  package let script: MemoryAccount
  /// The cap of the Lua heap from `defaults { memory = ... }`, in bytes.
  private(set) var cap: Int?
  /// The largest cap that a job has for its private isolates.
  private var privateCap = 0
  /// Bytes of the jobs that this isolate has registered.
  private var jobs = 0
  /// Bytes of the runs that wait in this isolate.
  private var runs = 0
  /// For the options of `defaults`.
  var defaults = MemoryHold.none

  init(_ accounts: (MemoryAccount, script: MemoryAccount)) {
    (account, script) = accounts
  }

  /// Of a private isolate, whose own cap is `cap`.
  init(sharing owner: ScriptMemory, cap: Int?) {
    (script, account, self.cap) = (owner.script, owner.account, cap)
  }

  deinit { account.letGo(jobs + runs) }

  // MARK: What calls ask for

  /// Whether so many more bytes may be kept. Collects garbage in the isolate if that can help.
  func hasRoom(for bytes: Int, _ isolate: Isolate?) -> Bool {
    if account.hasRoom(for: bytes, beside: isolate?.memoryUsed ?? 0) { return true }
    guard let isolate, bytes < account.cap else { return false }
    isolate.collectGarbage()
    return account.hasRoom(for: bytes, beside: isolate.memoryUsed)
  }

  /// Sets the cap of the Lua heap, which bounds all that the script holds.
  func setCap(_ bytes: Int) {
    cap = bytes
    account.cap = max(bytes, privateCap)
  }

  /// Raises the bound of all that the script holds for a job whose private isolates have a cap of their own.
  func makeRoom(forPrivate bytes: Int) {
    privateCap = bytes
    account.cap = max(account.cap, bytes)
  }

  /// Holds bytes in the account of the script; nil without room.
  func hold(_ bytes: Int, _ isolate: Isolate?) -> MemoryHold? {
    hasRoom(for: bytes, isolate) ? script.hold(bytes) : nil
  }

  /// Holds bytes in the account of the generation. Throws the error that a full Lua heap gives.
  func holdOption(_ bytes: Int, _ isolate: Isolate?) throws(Mistake) -> MemoryHold {
    guard hasRoom(for: bytes, isolate) else { throw Self.full }
    return account.hold(bytes)
  }

  static let full = Mistake("not enough memory")

  /// About what an event takes beside its payload until so many handlers have had it.
  static func bytes(ofEventFor handlers: Int) -> Int { 256 + 48 * handlers }

  /// About what a promise takes beside its arguments, in the core and in a store in memory.
  package static let promise = 768

  // MARK: Jobs

  /// About what a registered job takes in the registry, the core and the tables of both, beside its texts.
  private static let job = 440

  /// What a job takes. The text of a trigger stands for what was made of it.
  static func bytes(ofJob name: String, trigger: String) -> Int {
    job + Value.footprint(of: name) + 4 * Value.footprint(of: trigger)
  }

  func addJob(_ bytes: Int, _ isolate: Isolate?) throws(Mistake) {
    guard hasRoom(for: bytes, isolate) else { throw Self.full }
    setJobs(jobs + bytes)
  }

  /// How many jobs without texts of their own there is room for.
  func roomForJobs(_ isolate: Isolate?) -> Int {
    account.room(beside: isolate?.memoryUsed ?? 0) / Self.job
  }

  /// Call this with the bytes of all jobs when some have ended, or were added without ``addJob(_:_:)``.
  func setJobs(_ bytes: Int) {
    guard bytes != jobs else { return }
    account.keep(bytes - jobs)
    jobs = bytes
  }

  // MARK: Runs

  /// About what a run that waits takes outside of Lua.
  private static let run = 640

  /// About what a run takes that has not begun.
  private static let unbegun = 256

  /// Call this at the end of a turn. A run is not refused for this memory, but what is asked for next is.
  func setRuns(waiting: Int, unbegun: Int) {
    let bytes = waiting * Self.run + unbegun * Self.unbegun
    guard bytes != runs else { return }
    account.keep(bytes - runs)
    runs = bytes
  }
}
