import MoonwheelModel

/// Lists the jobs of a script.
enum JobListing {
  /// In the order of their registration; only the job of a name, if one is given. O(n log n) in the script's jobs, or
  /// O(1) with a name.
  static func jobs(
    of script: ScriptID, named name: String?, in core: inout SchedulerCore
  ) -> [JobSnapshot] {
    var indices: [JobIndex] = []
    if let name {
      core.indexNames(of: script)
      if let index = core.index(named: name, of: script) { indices = [index] }
    } else if let record = core.scripts[script] {
      indices = core.indices(of: record)
    }
    var jobs: [JobSnapshot] = []
    jobs.reserveCapacity(indices.count)
    for index in indices { jobs.append(snapshot(of: index, in: core)) }
    return jobs
  }

  private static func snapshot(
    of index: JobIndex, in core: borrowing SchedulerCore
  ) -> JobSnapshot {
    JobSnapshot(
      name: core.jobs[index].name, trigger: core.jobs[index].trigger,
      tags: core.jobs[index].policy.value.tags, status: core.status(of: index))
  }
}
