/// Something that a script wanted to do and may not do.
public struct Denial: Sendable, Hashable {
  public var script: ScriptID
  /// Nil for a call that belongs to no job.
  public var job: JobID?
  public var run: Run.ID?
  /// The kind of the permission: `net`.
  public var permission: String
  /// What the script wanted, as it would ask for it: `api.example:8080`.
  public var wanted: String
  /// Where the script made the call, as in `a.lua:12`; nil if that is not known.
  public var at: String?
  public var message: String
  /// How many such calls it stands for.
  public var count: Int64
  /// The number of events in the chain that led to the call.
  public var depth: UInt8

  package init(
    script: ScriptID, job: JobID?, run: Run.ID?, permission: String, wanted: String, at: String?,
    message: String, count: Int64, depth: UInt8
  ) {
    self.script = script
    self.job = job
    self.run = run
    self.permission = permission
    self.wanted = wanted
    self.at = at
    self.message = message
    self.count = count
    self.depth = depth
  }
}
