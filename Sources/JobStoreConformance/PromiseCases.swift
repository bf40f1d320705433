import MoonwheelCore
import Triggers

extension ConformanceCase {
  static let promiseCases = [
    ConformanceCase("promises of every kind, status and payload are kept") { factory in
      let store = try factory.store()
      try store.commit(.job(sampleJob(1)), .job(sampleJob(2, "other")))
      let event = Event(name: "order.new", payload: sampleValue, source: "shop.lua", depth: 15)
      let payloads: [StoredPromise.Payload] = [
        .none, .arguments(nil), .arguments(sampleValue), .event(event),
        .event(Event(name: "bare")), .events([]), .events([event]),
        .events([event, Event(name: "bare")]),
      ]
      var promises: [StoredPromise] = []
      for kind in StoredPromise.Kind.allCases {
        for status in StoredPromise.Status.allCases {
          for payload in payloads {
            var promise = samplePromise(UInt64(promises.count) + 1)
            promise.kind = kind
            promise.status = status
            promise.payload = payload
            promise.attempt = Int32(promises.count)
            promise.cuts = Int32(promises.count % 4)
            promise.isRelative = promises.count % 2 == 1
            promises.append(promise)
          }
        }
      }
      try store.commit(promises.reversed().map { .promise($0) }, isDurable: true)
      try expectEqual(
        try store.promises(of: StoreKey(rawValue: 1)), promises, "the promises of the job")
      try expect(try store.promises(of: StoreKey(rawValue: 2)).isEmpty, "of the other job")
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.promises, promises, "the promises that are loaded")
    },
    ConformanceCase("a promise is replaced by its run, changes its status, and ends") { factory in
      let store = try factory.store()
      try store.commit(
        .job(sampleJob(1)), .promise(samplePromise(1)), .promise(samplePromise(2)),
        .promise(samplePromise(3)))
      var retried = samplePromise(2)
      retried.kind = .retry
      retried.attempt = 2
      retried.dueAt = second(90)
      try store.commit(
        .promise(retried), .promiseStatus(Run.ID(rawValue: 1), .running, cuts: 2),
        .promiseEnded(Run.ID(rawValue: 3)))
      var first = samplePromise(1)
      first.status = .running
      first.cuts = 2
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.promises, [first, retried], "the promises")
      try expectEqual(state.lastRun.rawValue, 3, "the last run, whose promise has ended")
    },
    ConformanceCase("any 64 bits are a run, and a seed") { factory in
      let store = try factory.store()
      let run = samplePromise(.max - 1)
      try store.commit(.job(sampleJob(1)), .promise(run), .seed(.max))
      try store.commit(.ended(sampleRun(.max)))
      let (again, state) = try factory.reopen(store)
      try expectEqual(state.promises, [run], "the promise")
      try expectEqual(state.lastRun.rawValue, .max, "the last run")
      try expectEqual(state.seed, .max, "the seed")
      let found = try again.runs(RunQuery(run: Run.ID(rawValue: .max)))
      try expectEqual(found, [sampleRun(.max).of(sampleJob(1))], "the run")
    },
    ConformanceCase("how far fires were handled is kept, also a smaller one") { factory in
      let store = try factory.store()
      try store.commit(.handled(through: second(100)))
      try store.commit(.handled(through: second(50)), .seed(7))
      let (_, state) = try factory.reopen(store)
      try expectEqual(state.handledThrough, second(50), "what is kept")
      try expectEqual(state.seed, 7, "the seed")
    },
  ]
}
