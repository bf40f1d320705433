import MoonwheelModel

/// One call of a Swift function by a script: what it got, who calls, and what the run is to hold from now on.
public struct FunctionCall: Sendable {
  /// What the script passed.
  public let arguments: CallArguments
  /// The name of the script.
  public let script: String
  /// The run that makes the call; nil for a call that belongs to none, such as one from a load.
  public let run: Run.ID?
  let site: CallSite
  private let keep: @Sendable (RunResource) -> Void

  /// `keep` is given what the run holds.
  init(
    _ arguments: CallArguments, script: String, run: Run.ID?, site: CallSite,
    keep: @escaping @Sendable (RunResource) -> Void
  ) {
    self.arguments = arguments
    self.script = script
    self.run = run
    self.site = site
    self.keep = keep
  }

  /// Keeps something that must not outlive the run, such as a child process. `release` is called once, when the run ends
  /// in whatever way, or when the host has stopped; at once if that has happened already. It must not block, and may come
  /// on any thread. For a call that belongs to no run, such as one from a load, it comes when the load has ended.
  ///
  /// If the thing ends by itself, say so with ``RunResource/end()``.
  @discardableResult
  public func hold(_ release: @escaping @Sendable () -> Void) -> RunResource {
    let resource = RunResource(release)
    keep(resource)
    return resource
  }
}
