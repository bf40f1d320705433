import MoonwheelModel

extension HostCall {
  /// The second argument of a method that takes a reason; nil if there is none. Refuses the id of a run, with which such a
  /// call would mean one run, not the job.
  func reason(_ word: String) throws(Mistake) -> String? {
    guard !self[1].isNil else { return nil }
    let reason = try text(1, "the reason of a \(word)", atMost: 1_000)
    try Self.refuseRunID(reason, word, "a reason, if you like")
    return isolate.environment.secrets.masked(reason)
  }

  static func refuseRunID(_ text: String, _ word: String, _ taken: String) throws(Mistake) {
    guard Run.ID(text) != nil, text.contains(where: \.isNumber) else { return }
    throw Mistake(
      "\(word) takes \(taken), and \"\(text)\" is the id of a run: \(word) is about the whole job. No call ends a single run or promise; let the job decide by its option when, as in when = function(run) return run.id ~= \"\(text)\" end"
    )
  }
}
