import Testing

/// Checks the promises of `docs/durability.md` against the output of the scripts.
extension CrashStory {
  /// How long a record may take to reach the file on a loaded machine, in milliseconds.
  private static let slack = 1_000

  func check() {
    let lives = hosts.count { !$0.isEmpty }
    let promised = lines(of: "acked").count
    #expect(promised > lives, "the hosts hardly ran: \(promised) promises by \(lives) hosts")
    checkPromises()
    checkRetries()
    checkState()
    checkPauses()
    checkPhase()
    checkKeys()
  }

  /// All lines with this first word: the second word, the host, and the milliseconds before the host's last line.
  private func lines(of word: String) -> [(text: String, host: Int, before: Int)] {
    hosts.enumerated().flatMap { number, lines in
      lines.filter { $0.words.first == word && $0.words.count > 1 }.map { line in
        (line.words[1], number, (lines.last?.at ?? 0) - line.at)
      }
    }
  }

  /// Every acknowledged promise runs. A run that is done does not run again, unless a crash lost the record of its end.
  private func checkPromises() {
    let done = Dictionary(
      lines(of: "done").map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
    for (id, host, _) in lines(of: "acked") {
      #expect(done[id] != nil, "\(id), acknowledged by host \(host), was never done")
    }
    for (id, host, _) in lines(of: "ran") {
      guard let end = done[id], host > end.host else { continue }
      // Hosts in between may have been killed before they could start it again.
      let lived = hosts[(end.host + 1)..<host].reduce(0) { $0 + Self.life($1) }
      #expect(
        lived + end.before < Self.slack,
        "\(id) was done in host \(end.host), \(end.before) ms before its end, and ran in host \(host)"
      )
    }
    var perHost: Set<[String]> = []
    for (id, host, _) in lines(of: "ran") {
      #expect(perHost.insert([id, "\(host)"]).inserted, "\(id) ran twice in host \(host)")
    }
  }

  /// The time between the first and the last line of a host, in milliseconds.
  private static func life(_ lines: [Line]) -> Int {
    (lines.last?.at ?? 0) - (lines.first?.at ?? 0)
  }

  /// A failure that was recorded is retried by the same host or a later one.
  private func checkRetries() {
    var tries: [String: (attempts: Set<String>, host: Int, before: Int)] = [:]
    for (number, lines) in hosts.enumerated() {
      for line in lines where line.words.first == "try" && line.words.count == 3 {
        let attempts = tries[line.words[1]]?.attempts ?? []
        tries[line.words[1]] = (
          attempts.union([line.words[2]]), number, (lines.last?.at ?? 0) - line.at
        )
      }
    }
    for (id, run) in tries where run.host < hosts.count - 1 && run.before > Self.slack {
      #expect(run.attempts.contains("2"), "\(id) of host \(run.host) was not tried again")
    }
  }

  /// A run sees the state that the last run saved; after a crash, it may see the state before that run.
  private func checkState() {
    var last = -1
    for (number, lines) in hosts.enumerated() {
      var isFirst = true
      for line in lines where line.words.first == "count" && line.words.count == 2 {
        guard let count = Int(line.words[1]) else { continue }
        let isNext = count == last + 1 || isFirst && count == last
        #expect(last < 0 || isNext, "host \(number) counts \(count) after \(last)")
        last = count
        isFirst = false
      }
    }
  }

  /// An acknowledged pause survives, and so does an acknowledged resume. What the script was about to do it keeps in the
  /// store, since the last lines of a killed host are lost.
  private func checkPauses() {
    let begun = hosts.flatMap { $0 }.filter { $0.words.first == "is" && $0.words.count == 3 }
    #expect(begun.contains { $0.words[2] != "resumed" }, "the job was never paused")
    for words in begun.map(\.words) {
      switch words[2] {
      case "paused": #expect(words[1] == "true", "an acknowledged pause was lost")
      case "resumed": #expect(words[1] == "false", "an acknowledged resume was lost")
      default: break
      }
    }
  }

  /// What was added and acknowledged is there: no number comes twice, and none is smaller than one before.
  private func checkKeys() {
    let added = lines(of: "added").compactMap { line in Int(line.text).map { ($0, line.host) } }
    #expect(added.count > hosts.count { !$0.isEmpty }, "hardly a key was added to")
    for ((before, _), (number, host)) in zip(added, added.dropFirst()) {
      #expect(number > before, "host \(host) adds up to \(number) after \(before)")
    }
  }

  /// All hosts fire in the same phase.
  private func checkPhase() {
    let phases = Set(lines(of: "phase").map(\.text))
    #expect(phases.count <= 1, "phases: \(phases)")
  }
}
