import MoonwheelModel
import SchedulerCore
import SchedulerEngine
import ScriptHost
import Triggers

extension Scheduler {
  /// The jobs of all scripts that are served, by script, and in the order in which each script registered them.
  ///
  /// Waits for the first loads of all scripts. Throws ``JobError`` if the scheduler does not run. Takes less than
  /// 3 ms for 1,000 jobs of a script, and no job fires while the jobs of one script are listed.
  public var jobs: [Job] {
    get async throws(JobError) { try await jobs(named: nil, of: nil) }
  }

  /// The job of a name.
  ///
  /// - Parameters:
  ///   - name: the name of the job, as its script gives it.
  ///   - script: the name of its script; needed if several scripts have a job of that name.
  /// - Throws: ``JobError`` if there is none, or several, or if the scheduler does not run.
  public func job(_ name: String, of script: String? = nil) async throws(JobError) -> Job {
    let found = try await jobs(named: name, of: script)
    guard let job = found.first else {
      throw JobError(.unknown, unknown(name, of: script))
    }
    guard found.count == 1 else {
      let scripts = found.map(\.script).joined(separator: ", ")
      throw JobError(
        .ambiguous, "several scripts have a job \"\(name)\": \(scripts); name one: job(_:of:)")
    }
    return job
  }

  /// Asks ``Configuration/permissions`` once more what each script may do: call it when the answer has changed. What is not
  /// granted any more is denied at the next call. A script that was not loaded because of what it asks for is loaded if
  /// that is granted now. Any thread.
  public func decidePermissionsAgain() { PermissionChange(in: catalog).apply() }

  /// Reloads every script, changed or not, loads new ones, and unloads those whose file is missing. Each reload is a
  /// transaction of its own: a script that does not load goes on as it was.
  ///
  /// Returns when all loads have ended, with the errors of those that failed.
  @discardableResult
  public func reload() async throws(JobError) -> [ScriptError] {
    try await waitUntilServing()
    catalog.reloadAll()
    await waitUntilCalled { catalog.whenLoaded($0) }
    return catalog.failures
  }

  private func jobs(named name: String?, of script: String?) async throws(JobError) -> [Job] {
    try await waitUntilServing()
    var jobs: [Job] = []
    for served in catalog.served where script == nil || served.name == script {
      let answer = await withCheckedContinuation { continuation in
        timekeeper.list(served.id, job: name) { continuation.resume(returning: $0) }
      }
      guard case .jobs(let snapshots) = answer else { throw Self.notRunning }
      jobs += snapshots.map { Job($0, of: served.name, in: self) }
    }
    return jobs
  }

  private func unknown(_ name: String, of script: String?) -> String {
    let scripts = catalog.served.map(\.name)
    if let script, !scripts.contains(script) {
      let near = Spelling.near(script, in: scripts, limit: 1).first
      return "no script \"\(script)\" is served" + (near.map { ", did you mean \"\($0)\"?" } ?? "")
    }
    let place = script ?? scripts.prefix(10).joined(separator: ", ")
    return "no job \"\(name)\" in \(place.isEmpty ? "any script: none is served" : place)"
  }

  static var notRunning: JobError {
    JobError(.notRunning, "the scheduler stops, or has stopped")
  }
}
