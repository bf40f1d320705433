import MoonwheelModel
import Triggers

/// An input of the core.
public enum Input: Sendable {
  /// A script was loaded: its jobs replace those of its earlier generation.
  case install(Installation)
  /// A script is gone, and its jobs with it.
  case unload(ScriptID, reason: String)
  /// A callback registered a job.
  indirect case register(ScriptID, GenerationID, Registration)
  /// A run has ended.
  indirect case finished(RunEnd)
  /// All that a run of the job began is gone, which had not ended with the run: see ``RunEndDetails/ending``.
  case resourcesEnded(JobID, UInt64)
  /// An event for these handlers. Events come in the order in which the bus accepted them.
  case event(Event, handlers: [JobID])
  /// A coroutine waits until an elapsed time.
  case park(ParkID, until: Int64)
  /// Several coroutines wait, each until an elapsed time.
  case parks([TimedPark])
  /// Something other than its deadline woke a coroutine.
  case unpark(ParkID)
  /// A script's command to a job. The core answers to the coroutine.
  case command(JobAddress, JobCommand, reply: ParkID?)
  /// A command from outside, to a job by name. The core answers under the number of the request.
  case named(ScriptID, name: String, JobCommand, request: UInt64)
  /// Asks for the jobs of a script, or for one of them by name.
  case list(ScriptID, name: String?, request: UInt64)
  /// The engine replaced the isolate of a generation. The jobs that its callbacks had registered are lost.
  case dropDynamic(GenerationID, reason: String)
  /// Pauses or resumes all jobs of a script. `depth` is the number of events that led to it.
  case pauseScript(ScriptID, Bool, reason: String = "", depth: UInt8 = 0, reply: ParkID? = nil)
  /// A trigger function has returned the next fire.
  indirect case nextFireAnswered(NextFireAnswer)
  /// Asks for the earliest next fire of a script's jobs. The answer has at most one time.
  case idle(ScriptID, reply: ParkID)
  /// The store has made the changes of these tickets, or has failed.
  case stored(tickets: [UInt64], failure: StoreError?)
  /// The driver has tried to load all scripts. Stored jobs that no script has are orphaned, but for those of the scripts that
  /// are there and do not load: their fires wait.
  case loaded(failed: Set<String> = [])
  /// A run has computed for a long time without waiting.
  case stuck(StuckRun)
  /// A script may not do what it wanted.
  indirect case denied(Denial)
  /// The driver could not send pings.
  indirect case pingFailed(PingFailure)
  /// A run that was stuck now waits.
  case unstuck(GenerationID, Run.ID)
  /// The kinds of host events that somebody wants from now on, and whether somebody handles the events about the ends of
  /// runs. The core makes no other events.
  case interest(HostEvent.Interest, listensToRuns: Bool)
  /// The driver has closed leases: their workers start no more of their events.
  case leasesClosed([ClosedLease])
  /// Stops fires. ``Effects/isDrained`` reports the end of the last run.
  case drain
}

/// The jobs of a successful load.
public struct Installation: Sendable {
  public var script: ScriptID
  /// The name of the script, under which its jobs are stored.
  public var name: String
  public var generation: GenerationID
  public var registrations: [Registration]
  /// The former names of the script, from which it takes over what is kept; see ``TakeOver``. None of them is a script.
  public var formerly: [String]
  /// Of the texts from which the script was loaded; nil if it is unknown.
  public var version: SourceVersion?

  public init(
    script: ScriptID, name: String, generation: GenerationID, registrations: [Registration],
    formerly: [String] = [], version: SourceVersion? = nil
  ) {
    self.version = version
    self.formerly = formerly
    self.script = script
    self.name = name
    self.generation = generation
    self.registrations = registrations
  }
}
