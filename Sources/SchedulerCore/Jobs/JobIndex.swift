/// The place of a job in ``SchedulerCore/jobs``. Another job gets it when the job is removed; ``JobID`` tells them apart.
struct JobIndex: Hashable, Comparable {
  let rawValue: Int

  @inline(__always)
  init(_ rawValue: Int) { self.rawValue = rawValue }

  static func < (a: JobIndex, b: JobIndex) -> Bool { a.rawValue < b.rawValue }
}
