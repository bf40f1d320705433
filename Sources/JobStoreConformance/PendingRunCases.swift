import MoonwheelModel
import Triggers

extension ConformanceCase {
  static let pendingRunCases = [
    ConformanceCase("pending runs of every kind, status and payload are stored") { store, factory in
      try store.commit(.job(sampleJob(1)), .job(sampleJob(2, "other")))
      let event = Event(name: "order.new", payload: sampleValue, source: "shop.lua", depth: 15)
      let payloads: [PendingRun.Payload] = [
        .none, .arguments(nil), .arguments(sampleValue), .event(event),
        .event(Event(name: "bare")), .events([]), .events([event]),
        .events([event, Event(name: "bare")]),
      ]
      var pendingRuns: [PendingRun] = []
      for kind in PendingRun.Kind.allCases {
        for status in PendingRun.Status.allCases {
          for payload in payloads {
            var pending = samplePendingRun(UInt64(pendingRuns.count) + 1)
            pending.kind = kind
            pending.status = status
            pending.payload = payload
            pending.attempt = Int32(pendingRuns.count)
            pending.crashes = Int32(pendingRuns.count % 4)
            pending.isRelative = pendingRuns.count % 2 == 1
            pendingRuns.append(pending)
          }
        }
      }
      try store.commit(pendingRuns.reversed().map { .pendingRun($0) }, isDurable: true)
      try expectEqual(
        try store.pendingRuns(of: StoreKey(rawValue: 1)), pendingRuns, "the pending runs of the job"
      )
      try expect(
        try store.pendingRuns(of: StoreKey(rawValue: 2)).isEmpty, "the other job has pending runs")
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.pendingRuns, pendingRuns, "the loaded pending runs")
    },
    ConformanceCase("a pending run replaces one of the same run, changes its status, and ends") {
      store, factory in
      try store.commit(
        .job(sampleJob(1)), .pendingRun(samplePendingRun(1)), .pendingRun(samplePendingRun(2)),
        .pendingRun(samplePendingRun(3)))
      var retried = samplePendingRun(2)
      retried.kind = .retry
      retried.attempt = 2
      retried.dueAt = second(90)
      try store.commit(
        .pendingRun(retried), .pendingRunStatus(Run.ID(rawValue: 1), .running, crashes: 2),
        .pendingRunEnded(Run.ID(rawValue: 3)))
      var first = samplePendingRun(1)
      first.status = .running
      first.crashes = 2
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.pendingRuns, [first, retried], "the pending runs")
      try expectEqual(state.lastRun.rawValue, 3, "the last run, which is no longer pending")
    },
    ConformanceCase("run ids and seeds may have any 64 bits") { store, factory in
      let run = samplePendingRun(.max - 1)
      try store.commit(.job(sampleJob(1)), .pendingRun(run), .seed(.max))
      try store.commit(.ended(sampleRun(.max)))
      let (again, state) = try factory.reopen(store)
      try expectEqual(state.pendingRuns, [run], "the pending run")
      try expectEqual(state.lastRun.rawValue, .max, "the last run")
      try expectEqual(state.seed, .max, "the seed")
      let found = try again.runs(RunQuery(run: Run.ID(rawValue: .max)))
      try expectEqual(found, [sampleRun(.max).of(sampleJob(1))], "the run")
    },
    ConformanceCase("the instant up to which fires were handled is stored, even if it goes back") {
      store, factory in
      try store.commit(.handled(through: second(100)))
      try store.commit(.handled(through: second(50)), .seed(7))
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.handledThrough, second(50), "the instant")
      try expectEqual(state.seed, 7, "the seed")
    },
  ]
}
