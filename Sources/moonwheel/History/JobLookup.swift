import JobStore
import MoonwheelModel
import Moonwheel

/// Which job a name means: a name that one script's job has, or `script:name`.
enum JobLookup {
  static func find(_ text: String, in store: some JobStore) throws(Failure) -> StoredJob {
    let named = try asking { () throws(StoreError) in try store.jobs(script: nil, name: text) }
    if let job = try only(named, text) { return job }
    // A name may have colons itself, and so may a script's.
    for colon in text.indices where text[colon] == ":" {
      let script = String(text[..<colon])
      let name = String(text[text.index(after: colon)...])
      let found = try asking { () throws(StoreError) in
        try store.jobs(script: script, name: name)
      }
      if let job = try only(found, text) { return job }
    }
    throw try unknown(text, in: store)
  }

  private static func only(_ jobs: [StoredJob], _ text: String) throws(Failure) -> StoredJob? {
    guard jobs.count > 1 else { return jobs.first }
    let names = jobs.map { LogPretty.visible($0.title) }.joined(separator: ", ")
    throw Failure(
      message:
        "moonwheel: \(jobs.count) scripts have a job \"\(LogPretty.visible(text))\"; say which: \(names)",
      code: 64)
  }

  private static func unknown(_ text: String, in store: some JobStore) throws(Failure) -> Failure {
    let jobs = try asking { () throws(StoreError) in try store.jobs(script: nil, name: nil) }
    let near = Spelling.near(text, in: jobs.flatMap { [$0.name, $0.title] }, limit: 3)
    let hint =
      near.isEmpty ? "" : "; did you mean \(near.map { "\"\($0)\"" }.joined(separator: " or "))?"
    return Failure(
      message: "moonwheel: the store has no job \"\(LogPretty.visible(text))\"\(hint)")
  }
}

extension StoredJob {
  /// What tells it from all others: `report.lua:nightly`.
  var title: String { "\(script):\(name)" }
}
