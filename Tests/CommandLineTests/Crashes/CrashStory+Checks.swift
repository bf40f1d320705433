import Testing

/// What `docs/durability.md` promises, held against what the scripts said.
extension CrashStory {
  /// How long a record may take to its file on a loaded machine, in milliseconds.
  private static let slack = 1_000

  func check() {
    let lives = hosts.count { !$0.isEmpty }
    let promised = said("acked").count
    #expect(promised > lives, "the hosts hardly lived: \(promised) promises in \(lives) lives")
    checkPromises()
    checkRetries()
    checkState()
    checkPauses()
    checkPhase()
  }

  /// What was said in all, by its first word: what follows, in which host, and how long before its last line.
  private func said(_ word: String) -> [(what: String, host: Int, before: Int)] {
    hosts.enumerated().flatMap { number, lines in
      lines.filter { $0.words.first == word && $0.words.count > 1 }.map { line in
        (line.words[1], number, (lines.last?.at ?? 0) - line.at)
      }
    }
  }

  /// What was acknowledged runs; what was done does not run again, but for an end that was lost in the crash.
  private func checkPromises() {
    let done = Dictionary(
      said("done").map { ($0.what, $0) }, uniquingKeysWith: { first, _ in first })
    for (id, host, _) in said("acked") {
      #expect(done[id] != nil, "\(id), acknowledged by host \(host), was never done")
    }
    for (id, host, _) in said("ran") {
      guard let end = done[id], host > end.host else { continue }
      // Hosts between them may have been killed before its turn came again.
      let lived = hosts[(end.host + 1)..<host].reduce(0) { $0 + Self.life($1) }
      #expect(
        lived + end.before < Self.slack,
        "\(id) was done in host \(end.host), \(end.before) ms before its end, and ran in host \(host)"
      )
    }
    var perHost: Set<[String]> = []
    for (id, host, _) in said("ran") {
      #expect(perHost.insert([id, "\(host)"]).inserted, "\(id) ran twice in host \(host)")
    }
  }

  /// How long a host has talked, in milliseconds.
  private static func life(_ lines: [Line]) -> Int {
    (lines.last?.at ?? 0) - (lines.first?.at ?? 0)
  }

  /// A retry whose failure was recorded comes, in this host or a later one.
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

  /// A run sees what the last one saved, or, of one that was cut off, what it had been.
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

  /// A pause that was acknowledged holds, and so does a resume.
  private func checkPauses() {
    var allowed: Set<String> = ["false"]
    for (number, lines) in hosts.enumerated() {
      for line in lines {
        switch line.words.first {
        case "is":
          #expect(
            allowed.contains(line.words[1]), "host \(number) begins with paused = \(line.words[1])")
        case "pausing", "resuming": allowed = ["true", "false"]
        case "paused": allowed = ["true"]
        case "resumed": allowed = ["false"]
        default: break
        }
      }
    }
  }

  private func checkPhase() {
    let phases = Set(said("phase").map(\.what))
    #expect(phases.count <= 1, "phases: \(phases)")
  }
}
