import BenchmarkSupport

/// One-shots that are due at one instant, in scripts that the program `moonwheel run` runs as users have it.
struct Burst {
  /// What each callback does.
  enum Work: String, CaseIterable {
    case count, run, log, emit

    var description: String {
      switch self {
      case .count: "that count"
      case .run: "that read a field of their run"
      case .log: "that log a line"
      case .emit: "that emit an event, which a handler counts"
      }
    }

    fileprivate var callback: String {
      switch self {
      case .count: "function() \(Self.counting) end"
      case .run: "function(run) most = math.max(most, run.late) \(Self.counting) end"
      case .log: "function() print('a line') \(Self.counting) end"
      case .emit: "function() emit('tick') end"
      }
    }

    fileprivate static let counting = "runs = runs + 1 if runs == jobs then over() end"
  }

  /// The word that registers the jobs. For ``at`` the script computes the due time; for ``after`` one more job, which
  /// fires first, notes when it was due.
  enum Trigger: String, CaseIterable {
    case at, after
  }

  var work: Work
  var trigger: Trigger
  var jobs: Int

  /// How long after the load the jobs are due, in seconds: the load must have been stored before.
  private var delay: Double { (isSmoke ? 0.5 : 1) + Double(jobs) * 40e-6 }

  /// The scripts by the names of their files. The line with the figure comes from a script of its own, because a script
  /// may log so many lines at once, and others are left out.
  var scripts: [String: String] {
    let registration = trigger == .at ? "at(due, " : "after(\(delay), "
    return [
      "report.lua": "on('over', function(event) print('over', event.payload) end)",
      "jobs.lua": """
      local jobs, runs, most = \(jobs), 0, 0
      local due = now() + \(delay)
      \(trigger == .at ? "" : "\(registration)function(run) due = run.scheduled_at end)")
      local function over() emit('over', (now() - due) * 1000) end
      \(work == .emit ? "on('tick', { backlog = jobs }, function() \(Work.counting) end)" : "")
      for _ = 1, jobs do
        \(registration)\(work.callback))
      end
      """,
    ]
  }
}
