import Logging
import Moonwheel
import MoonwheelModel
import MoonwheelReports
import Synchronization
import SystemCalls

/// Logs a line when a host has loaded its scripts, and one when it stops: what it runs, and what it has done.
final class LifecycleLog: Sendable {
  private struct State {
    var reason: String?
    var isOver = false
  }

  private let scheduler: Scheduler
  private let logger: Logger
  private let startedAt = Clocks.elapsed()
  private let state = Mutex(State())

  init(_ scheduler: Scheduler, _ logger: Logger) {
    self.scheduler = scheduler
    self.logger = logger
  }

  /// Every script that was there at the start has loaded or failed.
  func started(_ store: StoreLocation) {
    let counts = scheduler.scriptCounts
    var parts = [
      "moonwheel \(Version.number) runs \(ShortText.counted(counts.jobs, "job")) of \(ShortText.counted(counts.served, "script"))"
    ]
    if counts.failing > 0 {
      let verb = counts.failing == 1 ? "does" : "do"
      var part = "\(ShortText.counted(counts.failing, "script")) \(verb) not load"
      if counts.lastGood > 0 {
        let words = counts.lastGood == 1 ? "runs in its" : "run in their"
        part += " (\(counts.lastGood) \(words) last good version)"
      }
      parts.append(part)
    }
    parts += ["store \(store.name)", "zone \(scheduler.zoneName)"]
    let payload: Logger.Metadata = [
      "version": .string(Version.number), "scripts": .stringConvertible(counts.served),
      "jobs": .stringConvertible(counts.jobs), "failed": .stringConvertible(counts.failing),
      "last_good": .stringConvertible(counts.lastGood), "store": .string(store.name),
      "zone": .string(scheduler.zoneName),
    ]
    log(parts.joined(separator: "; "), "scheduler.started", payload)
  }

  /// Why the host stops; the first reason counts.
  func stopping(_ reason: String) {
    state.withLock { if $0.reason == nil { $0.reason = reason } }
  }

  func stopped() { end("stopped") }

  /// The process ends without waiting for the runs under way.
  func stoppedAtOnce(_ reason: String) {
    state.withLock { $0.reason = reason }
    end("stopped at once, without its runs under way,")
  }

  /// Logs the last line, if the other thread has not.
  private func end(_ word: String) {
    let reason = state.withLock { state -> String? in
      defer { state.isOver = true }
      return state.isOver ? nil : state.reason ?? "no reason given"
    }
    guard let reason else { return }
    let time = Clocks.elapsed() - startedAt
    let ended = scheduler.endedRuns
    let runs = ended.map { ($0.status.rawValue, Logger.MetadataValue.stringConvertible($0.count)) }
    log(
      "\(word) after \(ShortText.length(time)) (\(reason)): \(Self.words(ended))",
      "scheduler.stopped",
      [
        "reason": .string(reason), "seconds": .stringConvertible(Double(time / 1_000_000) / 1e3),
        "runs": .dictionary(Dictionary(uniqueKeysWithValues: runs)),
      ])
  }

  /// `12 runs succeeded, 1 failed, 1 timed out`
  private static func words(_ ended: [(status: RunStatus, count: Int)]) -> String {
    guard let first = ended.first else { return "no run has ended" }
    let parts = ended.map { status, count in
      let runs = status == first.status ? ShortText.counted(count, "run") : "\(count)"
      return runs + " " + status.rawValue.split(separator: "_").joined(separator: " ")
    }
    return parts.joined(separator: ", ")
  }

  private func log(_ message: String, _ event: String, _ payload: Logger.Metadata) {
    logger.info(
      "\(message)", metadata: ["event": .string(event), "payload": .dictionary(payload)])
  }
}
