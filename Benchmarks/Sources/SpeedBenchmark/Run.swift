import BenchmarkSupport
import Glibc

/// The rounds of a row: limit, ours and peers take turns.
struct Run {
  let row: Row
  private var limit: [Figures] = []
  private var ours: [Figures] = []
  private var peers: [(peer: Peer, figures: [Figures])] = []

  init(_ row: Row, rounds: Int) {
    self.row = row
    let folder = Folder()
    for (name, text) in Self.scripts(for: row.method) { folder.write(text, to: name) }
    // Create the store, and load the programs into the page cache.
    for command in [limitCommand, oursCommand(in: folder)] { warmUp(command) }
    peers = row.peers.map { Peer.found(for: $0).map { (peer: $0, figures: []) } } ?? []
    for round in 0..<min(rounds, row.rounds) {
      if let command = limitCommand { limit.append(mustMeasure(command, by: otherMethod)) }
      ours.append(mustMeasure(oursCommand(in: folder), by: row.method))
      for place in peers.indices where round < row.peerRounds {
        let command = peers[place].peer.program + (row.peers ?? [])
        if let figures = measure(command, by: otherMethod) { peers[place].figures.append(figures) }
      }
    }
  }

  private var limitCommand: [String]? { row.limit.map { [Self.folder + "/FireLimit"] + $0 } }

  /// How limit and peers are measured.
  private var otherMethod: Method {
    if case .burst = row.method { .told } else { row.method }
  }

  private func oursCommand(in folder: Folder) -> [String] {
    if case .told = row.method { return [Self.folder + "/SpeedBenchmark", "--ours"] + row.ours }
    let store = row.ours[0] == "memory" ? ["--store", "memory"] : []
    return [Self.folder + "/moonwheel", "run", folder.path] + store
  }

  /// The scripts of ours by the names of their files.
  private static func scripts(for method: Method) -> [String: String] {
    switch method {
    case .told: [:]
    case .start: ["jobs.lua": "cron('@reboot', function() print('fired') end)"]
    case .idle: ["jobs.lua": "for _ = 1, 100 do every('1h', function() end) end"]
    case .burst(let burst): burst.scripts
    }
  }

  private func warmUp(_ command: [String]?) {
    if case .start = row.method, let command { _ = Outside.start(command) }
  }

  private func measure(_ command: [String], by method: Method) -> Figures? {
    switch method {
    case .told: figures(of: command)
    case .start: Outside.start(command)
    case .idle: Outside.idle(command, seconds: isSmoke ? 0.5 : 10)
    case .burst(let burst): Outside.burst(command, jobs: burst.jobs)
    }
  }

  private func mustMeasure(_ command: [String], by method: Method) -> Figures {
    guard let figures = measure(command, by: method) else {
      print("failed: \(command.joined(separator: " "))")
      exit(1)
    }
    return figures
  }

  /// The folder of the benchmark programs.
  static let folder: String = {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &path, path.count)
    precondition(count > 0, "/proc/self/exe cannot be read: error \(errno)")
    let text = String(decoding: path.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(separator: "/").dropLast().map { "/" + $0 }.joined()
  }()

  /// Prints the figures, as text or as rows of Markdown.
  func show(asMarkdown: Bool) {
    if !asMarkdown { print(row.work) }
    for column in row.columns {
      guard let line = line(column) else { continue }
      print(asMarkdown ? line.markdown(row.work) : line.text)
    }
    let share = median(ours.map { ($0["fires"] ?? 1) / ($0["due"] ?? 1) })
    if share < 0.999, !asMarkdown {
      print("    only \(rounded(share * 100, 1)) % of the fires that were due")
    }
  }

  private func line(_ column: Column) -> Line? {
    let values = ours.compactMap { $0[column.figure] }
    let limits = limit.compactMap { $0[column.figure] }
    guard !values.isEmpty else { return nil }
    let mine = median(values)
    let least = limits.isEmpty ? nil : median(limits)
    let others = others(column)
    // A short run says nothing about targets.
    let promises = (isSmoke ? [] : column.promise).compactMap { promise in
      promise.isMet(limit: least, ours: mine, peers: others).map {
        "\(promise.text): \($0 ? "met" : "MISSED")"
      }
    }
    let ratio = least.map { mine / $0 }.flatMap { $0.isFinite ? rounded($0) : nil }
    return Line(
      unit: column.unit, limit: least.map(shown) ?? "", ours: shown(mine), ratio: ratio ?? "",
      promise: promises.joined(separator: "; "), peers: text(of: others, column))
  }

  /// The figures of the peers, by name.
  private func others(_ column: Column) -> [String: Double] {
    var others: [String: Double] = [:]
    for (peer, figures) in peers {
      let values = figures.compactMap { $0[column.figure] }
      if !values.isEmpty { others[peer.name] = median(values) }
    }
    return others
  }

  /// The best first.
  private func text(of others: [String: Double], _ column: Column) -> String {
    let sorted = others.sorted { column.isMoreBetter ? $0.value > $1.value : $0.value < $1.value }
    return sorted.map { "\($0.key) \(shown($0.value))" }.joined(separator: " · ")
  }
}
