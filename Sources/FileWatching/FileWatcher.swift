import SystemCalls
import WorkerPool

/// Reports when a script, or a file that a script requires, has changed or is gone.
///
/// The watcher takes the files that exist when it is made as known, so make it before you load them. It reports a file
/// 50 ms after the file was closed or moved into place, if nobody touched it since; it reports a missing file, and a
/// new one that nobody closes, after 500 ms. It follows links at every step of a path and notices when a link is
/// swapped; roots may go and come back. It does not notice what is written through a memory mapping, or on another
/// machine of a network file system.
package final class FileWatcher: Sendable {
  private struct Requests {
    var dependencies: [String: Set<String>] = [:]
    /// The earliest `since` of the calls that the thread has not handled; nil if there are none.
    var since: Int64?
    var isStopped = false
  }

  private let alarm: Alarm
  /// No `Mutex`, because the thread has it without the watcher.
  private let requests = Condition(Requests())
  private let thread: OSThread

  /// - Parameters:
  ///   - roots: the watcher waits for those that are missing.
  ///   - withTests: whether to watch `*_test.lua` too, and the modules in `lib/` and `lua_modules/` at any depth.
  ///   - onChange: called on the watcher's own thread with all changes that are due, in the order of paths. Events
  ///     queue up while it runs.
  ///   - onFailure: called on the watcher's own thread when something cannot be watched or listed. The watcher goes on
  ///     with the rest, and reports the failure again only after it has passed.
  package init(
    roots: [ScriptRoot], withTests: Bool = false,
    onChange: @escaping @Sendable ([WatchedChange]) -> Void,
    onFailure: @escaping @Sendable (WatchError) -> Void
  ) throws(WatchError) {
    let inotify = try Inotify()
    let filter = SearchFilter(tests: withTests, modules: withTests)
    do throws(SystemCallError) {
      alarm = try Alarm(watching: inotify.descriptor)
      let loop = WatchLoop(inotify, roots: roots, filter)
      thread = try OSThread(name: "moonwheel-watch") { [alarm, requests] in
        FileWatcher.run(loop, alarm, requests, onChange, onFailure)
      }
    } catch {
      throw WatchError(error)
    }
  }

  deinit { stop() }

  /// Replaces the set of files that a script requires. They may be anywhere, and need not exist yet.
  ///
  /// - Parameters:
  ///   - paths: empty when the script is gone.
  ///   - since: the time when loading the script began, in nanoseconds since 1970. The watcher reports a file that
  ///     changed after that, even before it was watched.
  package func setDependencies(_ paths: Set<String>, of script: String, since: Int64 = .max) {
    requests.withLock { requests in
      requests.dependencies[script] = paths.isEmpty ? nil : paths
      requests.since = min(requests.since ?? .max, since)
    }
    alarm.wakeOne()
  }

  /// Ends the watch. After the return the watcher reports nothing more, unless a report itself made this call.
  package func stop() {
    requests.withLock { $0.isStopped = true }
    alarm.wakeOne()
    if !thread.isCurrent { thread.join() }
  }

  private static func run(
    _ loop: WatchLoop, _ alarm: Alarm, _ requests: Condition<Requests>,
    _ onChange: ([WatchedChange]) -> Void, _ onFailure: (WatchError) -> Void
  ) {
    var loop = loop
    while true {
      for failure in loop.takeFailures() { onFailure(failure) }
      let wake = alarm.sleep(until: loop.nextDue)
      let requests = requests.withLock { requests in
        defer { requests.since = nil }
        return requests
      }
      if requests.isStopped { return }
      let now = Clocks.elapsed()
      if let since = requests.since {
        let paths = requests.dependencies.values.reduce(into: Set()) { $0.formUnion($1) }
        loop.setDependencies(paths, since: since, at: now)
      }
      if wake.contains(.readable) { loop.readEvents(at: now) }
      let changes = loop.takeChanges(at: now)
      if !changes.isEmpty { onChange(changes) }
    }
  }
}
