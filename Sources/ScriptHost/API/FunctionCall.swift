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
  /// Reloads the script when the file at a path changes; nil unless the script loads. For the worker of the call.
  package let watch: (@Sendable (String) -> Void)?
  private let keep: @Sendable (RunResource) -> Void
  private let leave: AfterRunStorage
  let keys: KeyAccess

  /// `keep` is given what the run holds.
  init(
    _ arguments: CallArguments, script: String, run: Run.ID?, site: CallSite,
    watch: (@Sendable (String) -> Void)?, leave: @escaping AfterRunStorage,
    keys: @escaping KeyAccess,
    keep: @escaping @Sendable (RunResource) -> Void
  ) {
    self.arguments = arguments
    self.script = script
    self.run = run
    self.site = site
    self.watch = watch
    self.keep = keep
    self.leave = leave
    self.keys = keys
  }

  /// Keeps something that must not outlive the run, such as a child process. `release` is called once, when the run ends
  /// in whatever way, or when the host has stopped; at once if that has happened already. It must not block, and may come
  /// on any thread. For a call that belongs to no run, such as one from a load, it comes when the load has ended.
  ///
  /// If the thing ends by itself, say so with ``RunResource/end()``.
  @discardableResult
  public func hold(_ release: @escaping @Sendable () -> Void) -> RunResource {
    let resource = RunResource(nil, release)
    keep(resource)
    return resource
  }

  /// Keeps something whose ending takes time, such as a child process that gets a signal first, and a second one later.
  /// `begin` begins the ending, once, when the run ends in whatever way, or when the host stops; at once if that has
  /// happened already. It must not block, and may come on any thread. ``RunResource/end()`` says that the thing is gone,
  /// whether its ending had begun or not: until then the job of the run counts as busy, although the run has ended. A stop
  /// of the host waits for it within `shutdownTimeout`.
  ///
  ///     let child = call.hold("child \(pid)", ending: { terminate(pid) })
  ///     whenExited(pid) { child.end() }
  ///
  /// Hold it before it begins: what is held after the end of its run does not keep the job busy. `label` names it where
  /// people ask what the job waits for.
  @discardableResult
  public func hold(_ label: String, ending begin: @escaping @Sendable () -> Void) -> RunResource {
    let resource = RunResource(label, begin)
    keep(resource)
    return resource
  }

  /// Leaves a request that is done when the run has ended in whatever way, such as the removal of a container that the run
  /// cannot remove any more. The handler of this kind does it (``AfterRunHandler``): at least once, also after the host was
  /// killed, since the request is in the store when this returns. The job counts as busy until the first attempt is over.
  /// A stop of the host waits for it within `shutdownTimeout`; what is left then is done at the next start.
  ///
  /// Throws a ``Refusal`` for a call that belongs to no run, for more than 64 requests of a run or 10,000 of a host
  /// (`full`), for more than 64 KiB (`too_large`), and if the store fails.
  public func afterRun(_ kind: String, _ payload: Value) async throws(Refusal) -> AfterRun {
    guard run != nil else {
      throw Refusal("only a run can leave something for its end", code: "no_run")
    }
    return try await leave(kind, payload)
  }
}
