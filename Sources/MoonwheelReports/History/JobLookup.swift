import JobHistory
import JobStore
import MoonwheelModel
import Triggers

/// Finds the job that a text names: a name that only one script uses, or `script:name`.
package enum JobLookup {
  /// Throws ``ReportError`` or ``StoreError``.
  package static func find(_ text: String, in store: some JobStore) throws -> StoredJob {
    if let job = try only(try store.jobs(script: nil, name: text), text) { return job }
    // The names of jobs and of scripts may have colons.
    for colon in text.indices where text[colon] == ":" {
      let script = String(text[..<colon])
      let name = String(text[text.index(after: colon)...])
      if let job = try only(try store.jobs(script: script, name: name), text) { return job }
    }
    throw try unknown(text, in: store)
  }

  private static func only(_ jobs: [StoredJob], _ text: String) throws(ReportError) -> StoredJob? {
    guard jobs.count > 1 else { return jobs.first }
    let names = jobs.map { $0.title.escapingControls }.joined(separator: ", ")
    throw ReportError(
      .ambiguousJob,
      "\(jobs.count) scripts have a job \"\(text.escapingControls)\"; say which: \(names)")
  }

  private static func unknown(
    _ text: String, in store: some JobStore
  ) throws(StoreError) -> ReportError {
    let jobs = try store.jobs(script: nil, name: nil)
    let near = Spelling.near(text, in: jobs.flatMap { [$0.name, $0.title] }, limit: 3)
    let hint =
      near.isEmpty ? "" : "; did you mean \(near.map { "\"\($0)\"" }.joined(separator: " or "))?"
    return ReportError(.unknownJob, "the store has no job \"\(text.escapingControls)\"\(hint)")
  }
}

extension StoredJob {
  /// The script and the name, which together are unique: `report.lua:nightly`.
  var title: String { "\(script):\(name)" }
}
