import MoonwheelModel
import Triggers

/// What the core is told.
public enum Input: Sendable {
  /// A script was loaded: its jobs replace those of its earlier generation.
  case install(Installation)
  /// A script is gone: its jobs go with it.
  case unload(ScriptID, reason: String)
  /// A callback registered a job.
  indirect case register(ScriptID, GenerationID, Registration)
  indirect case finished(RunReport)
  /// An event for handlers, in the order in which it was accepted.
  case event(Event, handlers: [JobID])
  /// A coroutine waits until an elapsed time.
  case park(ParkID, until: Int64)
  /// The same for several.
  case parks([TimedPark])
  /// A coroutine that had a deadline was woken by something else.
  case unpark(ParkID)
  case command(JobAddress, JobCommand, reply: ParkID?)
  /// The same from outside, by name; answered under the number.
  case named(ScriptID, name: String, JobCommand, request: UInt64)
  /// The isolate of a generation was made anew: jobs that its callbacks had registered are lost.
  case dropDynamic(GenerationID, reason: String)
  /// All jobs of a script.
  case pauseScript(ScriptID, Bool, reason: String = "", depth: UInt8 = 0, reply: ParkID? = nil)
  /// What a job's function said of its next fire.
  case nextFireAnswered(NextFireAnswer)
  /// When the next fire of a script's jobs is; answered with at most one time.
  case idle(ScriptID, reply: ParkID)
  /// The store has made the changes of these tickets, or could not.
  case stored(tickets: [UInt64], failure: StoreError?)
  /// All scripts that were there at the start have been tried: what is stored of others is orphaned.
  case loaded
  /// A run has computed for long without waiting, so that its script's other runs cannot begin.
  case stuck(StuckRun)
  /// It waits.
  case unstuck(GenerationID, Run.ID)
  /// No new fires from now on; says so when the last run has ended.
  case drain
}

/// The jobs of a successful load.
public struct Installation: Sendable {
  public var script: ScriptID
  /// Of the script: what is stored is found by it.
  public var name: String
  public var generation: GenerationID
  public var registrations: [Registration]

  public init(
    script: ScriptID, name: String, generation: GenerationID, registrations: [Registration]
  ) {
    self.script = script
    self.name = name
    self.generation = generation
    self.registrations = registrations
  }
}
