import Synchronization
import WorkerPool

/// Tells when a script, or a file that a script requires, has changed or is gone.
///
/// Files that are there when the watcher is made count as known, so make it before loading them. It
/// reports a file once it has been closed, or moved into place, and left alone for 50 ms; a missing
/// one, and a new one that nobody closes, after 500 ms. Links are followed at every step of a path, and swapping one is noticed; roots
/// may go and come back. What is written through a mapping, or on another machine of a network file
/// system, is not noticed.
public final class FileWatcher: Sendable {
  private struct Orders {
    var dependencies: [String: Set<String>] = [:]
    /// The earliest `since` of the changes that the thread has not taken up; nil if there are none.
    var since: Int64?
    var isStopped = false
  }

  private final class Desk: Sendable {
    let alarm: Alarm
    let orders = Mutex(Orders())

    init(alarm: Alarm) { self.alarm = alarm }
  }

  private let desk: Desk
  private let thread: OSThread

  /// - Parameters:
  ///   - roots: those that are missing are waited for.
  ///   - withTests: whether to watch `*_test.lua` too.
  ///   - onChange: called on the watcher's own thread, with everything that has come to rest, in
  ///     the order of paths. While it runs, events gather.
  ///   - onFailure: called on the same thread when something cannot be watched or listed; the rest
  ///     goes on, and the failure is told once until it has passed.
  public init(
    roots: [ScriptRoot], withTests: Bool = false,
    onChange: @escaping @Sendable ([WatchedChange]) -> Void,
    onFailure: @escaping @Sendable (WatchError) -> Void
  ) throws(WatchError) {
    let inotify = try Inotify()
    let started = Condition(false)
    do throws(SystemCallError) {
      let desk = Desk(alarm: try Alarm(watching: inotify.descriptor))
      self.desk = desk
      thread = try OSThread(name: "moonwheel-watch") {
        var loop = WatchLoop(inotify, roots: roots, withTests: withTests)
        started.withLock { $0 = true }
        started.signal()
        FileWatcher.run(&loop, desk, onChange, onFailure)
      }
    } catch {
      throw WatchError(error)
    }
    started.wait(while: { !$0 })
  }

  deinit { stop() }

  /// Replaces the set of files that a script requires; watched wherever they are, there or not yet.
  ///
  /// - Parameters:
  ///   - paths: empty when the script is gone.
  ///   - since: when loading the script began (nanoseconds since 1970). A file that changed after
  ///     that, before it was watched, is reported.
  public func setDependencies(_ paths: Set<String>, of script: String, since: Int64 = .max) {
    desk.orders.withLock { orders in
      orders.dependencies[script] = paths.isEmpty ? nil : paths
      orders.since = min(orders.since ?? .max, since)
    }
    desk.alarm.ring()
  }

  /// Ends the watch. No report is made after the return, unless a report itself calls this.
  public func stop() {
    desk.orders.withLock { $0.isStopped = true }
    desk.alarm.ring()
    if !thread.isCurrent { thread.join() }
  }

  private static func run(
    _ loop: inout WatchLoop, _ desk: Desk,
    _ onChange: ([WatchedChange]) -> Void, _ onFailure: (WatchError) -> Void
  ) {
    while true {
      for failure in loop.takeFailures() { onFailure(failure) }
      let wake = desk.alarm.sleep(until: loop.nextDue)
      let orders = desk.orders.withLock { orders in
        defer { orders.since = nil }
        return orders
      }
      if orders.isStopped { return }
      let now = Clocks.elapsed()
      if let since = orders.since {
        let paths = orders.dependencies.values.reduce(into: Set()) { $0.formUnion($1) }
        loop.follow(paths, since: since, at: now)
      }
      if wake.contains(.readable) { loop.readEvents(at: now) }
      let changes = loop.settle(at: now)
      if !changes.isEmpty { onChange(changes) }
    }
  }
}
