import JobStore
import MoonwheelModel
import Triggers

/// Keys and values.
package enum KeyCases {
  static let all = behaviour + times + bounds + random

  private static let a = KeyName("a")

  private static let behaviour = [
    ConformanceCase("a key has its last value, also in the next host") { store, factory in
      let own = KeyName(space: "x.lua", "self.a")
      try store.set(a, 1)
      try store.set(own, "own")
      try store.set(a, sampleValue)
      let (again, _) = try factory.reopen(store)
      try expectEqual(try again.value(a), sampleValue, "the value")
      try expectEqual(try again.value(own), "own", "the key of a script")
      try expectEqual(try again.value(KeyName(space: "y.lua", "self.a")), nil, "of another script")
      try expectEqual(try again.value(KeyName("self.a")), nil, "a shared key of this text")
    },
    ConformanceCase("versions rise, also over a deletion and in the next host") { store, factory in
      var versions = [try store.set(a, 1), try store.set(a, 1)]
      try expectEqual(try store.answer(.delete(a, if: .none)), .deleted(true), "a deletion")
      try expectEqual(try store.answer(.delete(a, if: .none)), .deleted(false), "a second one")
      let (again, _) = try factory.reopen(store)
      versions.append(try again.set(a, 1))
      let outcome = try again.perform(
        .add(a, 1, .unlimited), .delete(a, if: .none),
        .set(a, Value.integer(3).encoded, if: .absent, .unlimited))
      guard case .added(2, let fourth) = outcome.answers[0],
        case .stored(let fifth) = outcome.answers[2]
      else { throw Violation(description: "the answers are \(outcome.answers)") }
      versions += [fourth, fifth]
      try expectEqual(versions, Array(Set(versions)).sorted(), "the versions")
      try expectEqual(outcome.changes.map(\.version), [fifth], "the change")
    },
    ConformanceCase("a condition is checked in the same step") { store, _ in
      let first = try store.set(a, 1)
      let encoded = Value.integer(2).encoded
      let outcome = try store.perform(
        .set(a, encoded, if: .absent, .unlimited),
        .set(a, encoded, if: .version(first + 1), .unlimited),
        .delete(a, if: .version(first + 1)),
        .set(KeyName("b"), encoded, if: .version(1), .unlimited),
        .delete(KeyName("b"), if: .version(1)), .set(KeyName("c"), encoded, if: .absent, .unlimited)
      )
      try expectEqual(
        outcome.answers.map(\.code),
        ["exists", "conflict", "conflict", "conflict", "conflict", nil],
        "the codes")
      try expectEqual(outcome.changes.map(\.name.key), ["c"], "the changes")
      try expectEqual(try store.value(a), 1, "the value")
      try expectEqual(
        try store.answer(.set(a, encoded, if: .version(first), .unlimited)).code, nil, "its version"
      )
      try expectEqual(try store.value(a), 2, "the value then")
    },
    ConformanceCase("numbers are added as Lua adds them, and nothing else is") { store, _ in
      func added(_ number: Value) throws -> Value {
        guard case .added(let sum, _) = try store.answer(.add(a, number, .unlimited)) else {
          return .nil
        }
        return sum
      }
      try expectEqual(try added(2), 2, "a key that was not there")
      try expectEqual(try added(-5), -3, "a negative number")
      try expectEqual(try added(0.5), -2.5, "a float")
      try expectEqual(try added(1), -1.5, "an integer to a float")
      try store.set(a, .integer(.max))
      try expectEqual(try store.answer(.add(a, 1, .unlimited)).code, "range", "an overflow")
      try store.set(a, .number(.greatestFiniteMagnitude))
      let large = Value.number(.greatestFiniteMagnitude)
      try expectEqual(try store.answer(.add(a, large, .unlimited)).code, "range", "infinity")
      for value: Value in ["7", true, [1], .table([:])] {
        try store.set(a, value)
        try expectEqual(try store.answer(.add(a, 1, .unlimited)).code, "type", "\(value)")
      }
    },
    ConformanceCase("a batch is done in its order, and each command sees the ones before") {
      store, _ in
      let outcome = try store.perform(
        .add(a, 1, .unlimited), .get(a), .add(a, 1, .unlimited),
        .list(KeyPage(prefix: "", limit: 9)), .delete(a, if: .none), .get(a),
        .list(KeyPage(prefix: "", limit: 9)))
      try expectEqual(
        outcome.answers.map(\.values), [[1], [1], [2], [2], [], [], []], "the answers")
      try expectEqual(outcome.changes.map(\.isDeleted), [true], "the changes")
    },
    ConformanceCase("a script takes over the keys of another one") { store, factory in
      func own(_ script: String, _ key: String) -> KeyName { KeyName(space: script, key) }
      let encoded = Value.integer(5).encoded
      try store.set(a, 1)
      try store.set(own("x.lua", "self.a"), 2)
      try store.set(own("y.lua", "self.a"), 3)
      let before = try store.perform(
        .set(own("x.lua", "self.b"), encoded, if: .none, .nanoseconds(5))
      ).answers
      try expectEqual(before.map(\.code), [nil], "a key that expires")
      let item = KeyBatch.Item(.adopt(from: "x.lua"), script: "y.lua")
      var outcome = try store.perform(KeyBatch([item], at: second(0)))
      try expectEqual(outcome.answers, [.adopted(hasMore: true)], "the answer")
      let (again, _) = try factory.reopen(store)
      outcome = try again.perform(KeyBatch([item, item], at: second(0)))
      try expectEqual(
        outcome.answers, [.adopted(hasMore: false), .adopted(hasMore: false)], "what is left")
      try expectEqual(try again.value(own("y.lua", "self.a")), 2, "a key that both have")
      try expectEqual(try again.value(own("x.lua", "self.a")), nil, "the former one")
      try expectEqual(try again.value(a), 1, "a shared one")
      let later = try again.perform([.get(own("y.lua", "self.b"))], at: second(0).advanced(by: 5))
      try expectEqual(later.answers, [.found(nil)], "a key whose time is over")
    },
    ConformanceCase("keys are listed in the order of their bytes") { store, _ in
      let keys = [
        "p.a", "p.a.b", "p.\u{e9}", "p.e\u{301}", "p.\u{10ffff}", "p.\u{10ffff}x", "p", "q", "P.a",
      ]
      for (number, key) in keys.enumerated() {
        try store.set(KeyName(key), .integer(Int64(number)))
        try store.set(KeyName(space: "x.lua", key), "own")
      }
      func list(_ page: KeyPage) throws -> [String] {
        guard case .listed(let entries, let hasMore) = try store.answer(.list(page)) else {
          return []
        }
        return entries.map(\.name.key) + (hasMore ? ["..."] : [])
      }
      let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      try expectEqual(try list(KeyPage(prefix: "", limit: 99)), sorted, "all")
      let p = sorted.filter { $0.hasPrefix("p.") }
      try expectEqual(try list(KeyPage(prefix: "p.", limit: 99)), p, "a prefix")
      try expectEqual(try list(KeyPage(prefix: "p.", limit: 2)), [p[0], p[1], "..."], "a limit")
      try expectEqual(
        try list(KeyPage(prefix: "p.", after: p[1], limit: 99)), Array(p[2...]), "the rest")
      try expectEqual(
        try list(KeyPage(prefix: "p.", after: "a", limit: 1)), [p[0], "..."], "after an early key")
      try expectEqual(try list(KeyPage(prefix: "p.", after: "q", limit: 9)), [], "after a late one")
      try expectEqual(
        try list(KeyPage(prefix: "p.\u{10ffff}", limit: 9)), Array(p.suffix(2)), "the last scalar")
      try expectEqual(try list(KeyPage(prefix: "p.", limit: 9, bytes: 0)), [p[0], "..."], "bytes")
      try expectEqual(try list(KeyPage(prefix: "p.", limit: 0)), ["..."], "none")
    },
    ConformanceCase("a closed store refuses commands") { store, _ in
      store.close()
      let code = errorCode { () throws(StoreError) in
        _ = try store.perform(KeyBatch([KeyBatch.Item(.get(a))], at: second(0)))
      }
      try expectEqual(code, .closed, "the error code")
    },
    ConformanceCase("large answers leave the rest of a batch undone") { store, _ in
      let large = Value.bytes([UInt8](repeating: 0, count: 60_000)).encoded
      _ = try store.perform(.set(a, large, if: .none, .unlimited))
      let outcome = try store.perform(
        [KeyCommand](repeating: .get(a), count: 500) + [.set(a, [0], if: .none, .unlimited)], at: 0)
      try expect((60...80).contains(outcome.answers.count), "\(outcome.answers.count) answers")
      try expect(outcome.changes.isEmpty, "the last command was done")
    },
  ]

  private static let times = [
    ConformanceCase("a key is gone from its last instant on, to the nanosecond") { store, factory in
      _ = try store.perform([.set(a, [2], if: .none, .nanoseconds(1_000))], at: 5)
      let before = second(5).advanced(by: 999)
      try expectEqual(try store.perform([.get(a)], at: before).answers.map(\.values), [[true]], "a")
      let (again, _) = try factory.reopen(store)
      let end = second(5).advanced(by: 1_000)
      let outcome = try again.perform(
        [
          .get(a), .list(KeyPage(prefix: "", limit: 9)), .delete(a, if: .none),
          .set(a, [1], if: .absent, .unchanged), .add(KeyName("b"), 1, .nanoseconds(7)),
          .add(KeyName("b"), 1, .nanoseconds(70)),
        ], at: end)
      try expectEqual(
        outcome.answers.map(\.values), [[], [], [], [], [1], [2]], "what is there at the end")
      try expectEqual(outcome.answers[3].code, nil, "it counts as absent")
      try expectEqual(outcome.nextExpiry, end.advanced(by: 7), "the next expiry")
      let entry = try again.perform([.get(a)], at: end).answers[0]
      guard case .found(let found?) = entry else { throw Violation(description: "\(entry)") }
      try expectEqual(found.expiresAt, nil, "its new time")
    },
    ConformanceCase("a sweep removes what has expired, and nothing that was renewed") {
      store, factory in
      for number in 1...10 as ClosedRange<Int64> {
        _ = try store.perform(
          [.set(KeyName("\(number)"), [2], if: .none, .nanoseconds(number))], at: 0)
      }
      _ = try store.perform([.set(KeyName("2"), [2], if: .none, .nanoseconds(500))], at: 0)
      _ = try store.perform([.set(KeyName("3"), [2], if: .none, .unlimited)], at: 0)
      let (again, _) = try factory.reopen(store)
      let outcome = try again.perform([.sweep], at: second(0).advanced(by: 5))
      try expectEqual(outcome.changes.map(\.name.key), ["1", "4", "5"], "what has expired")
      try expect(outcome.changes.allSatisfy { $0.isDeleted && $0.isExpired }, "\(outcome.changes)")
      try expectEqual(outcome.nextExpiry, second(0).advanced(by: 6), "the next expiry")
      let rest = try again.perform([.list(KeyPage(prefix: "", limit: 99))], at: -1).answers
      guard case .listed(let entries, _)? = rest.first else { return }
      try expectEqual(entries.map(\.name.key), ["10", "2", "3", "6", "7", "8", "9"], "the rest")
      let empty = try again.perform([.sweep], at: second(0).advanced(by: 5))
      try expect(empty.changes.isEmpty && !empty.hasMoreToSweep, "a second sweep: \(empty)")
    },
    ConformanceCase("many expired keys are swept in parts") { store, _ in
      for start in stride(from: 0, to: 2_500, by: 500) {
        let names = (start..<start + 500).map { KeyName("k.\($0)") }
        _ = try store.perform(
          names.map { .set($0, [2], if: .none, .nanoseconds(1)) }, at: 0)
      }
      var sweeps = 0
      while try store.perform([.sweep], at: 1).hasMoreToSweep { sweeps += 1 }
      try expectEqual(sweeps, 9, "the sweeps that left something")
      let left = try store.perform([.list(KeyPage(prefix: "", limit: 9))], at: -1).answers
      try expectEqual(left.map(\.values), [[]], "what is left")
    },
  ]

  private static let bounds = [
    ConformanceCase("the bounds of keys hold, and what has expired does not count") {
      store, factory in
      var limits = KeyLimits()
      limits.keys = (shared: 3, own: 1)
      limits.bytes = (shared: 30, own: 100)
      let bounds = limits
      func set(
        _ key: String, _ size: Int, of script: String = "", at now: Int64 = 0
      ) throws -> String? {
        let value = [UInt8](repeating: 0, count: size)
        let command = KeyCommand.set(
          KeyName(key, of: script), value, if: .none, .nanoseconds(1_000_000_000))
        let batch = KeyBatch([KeyBatch.Item(command)], at: second(now), limits: bounds)
        let outcome: KeyOutcome = try store.perform(batch)
        return outcome.answers[0].code
      }
      try expectEqual(try set("a", 9), nil, "the first")
      try expectEqual(try set("b", 9), nil, "the second")
      try expectEqual(try set("c", 10), "full", "too many bytes")
      try expectEqual(try set("c", 9), nil, "the third")
      try expectEqual(try set("d", 0), "full", "too many keys")
      try expectEqual(try set("a", 10), "full", "a larger value")
      try expectEqual(try set("a", 8), nil, "a smaller value")
      try expectEqual(try set("self.a", 9, of: "x.lua"), nil, "a script's own")
      try expectEqual(try set("self.b", 9, of: "x.lua"), "full", "its second")
      try expectEqual(try set("self.b", 9, of: "y.lua"), nil, "another script's own")
      try expectEqual(try set("d", 20, at: 1), nil, "after the others have expired")
      let (again, _) = try factory.reopen(store)
      let space = try again.perform([.list(KeyPage(prefix: "", limit: 9))], at: -1).answers
      try expectEqual(space.map(\.values.count), [1], "what is left")
    }
  ]

  private static let random = [UInt64(1), UInt64.random(in: 2..<1_000_000_000)].map { seed in
    agreement(seed: seed) { MemoryJobStore() }
  }

  /// Random commands to two stores, which must answer alike.
  package static func agreement(
    seed: UInt64, with reference: @escaping @Sendable () -> any JobStore
  ) -> ConformanceCase {
    ConformanceCase("its keys agree with a reference, with seed \(seed)") { first, factory in
      var store = first
      let reference = reference()
      _ = try reference.load()
      var story = KeyStory(seed: seed)
      for step in 1...400 {
        let batch = story.batch()
        let (ours, theirs) = (try store.perform(batch), try reference.perform(batch))
        let what = "step \(step), \(batch.items.map(\.command))"
        try expectEqual(ours.answers, theirs.answers, "answers, \(what)")
        try expectEqual(ours.changes, theirs.changes, "changes, \(what)")
        try expectEqual(ours.nextExpiry, theirs.nextExpiry, "next expiry, \(what)")
        if story.chance(20) { store = try factory.reopen(store).0 }
      }
    }
  }
}

extension JobStore {
  fileprivate func perform(_ commands: [KeyCommand], at now: Timestamp) throws -> KeyOutcome {
    try perform(KeyBatch(commands.map { KeyBatch.Item($0) }, at: now))
  }

  fileprivate func perform(_ commands: [KeyCommand], at now: Int64) throws -> KeyOutcome {
    try perform(commands, at: second(now))
  }

  fileprivate func perform(_ commands: KeyCommand...) throws -> KeyOutcome {
    try perform(commands, at: 0)
  }

  fileprivate func answer(_ command: KeyCommand) throws -> KeyAnswer {
    try perform(command).answers[0]
  }

  @discardableResult
  fileprivate func set(_ name: KeyName, _ value: Value) throws -> Int64 {
    guard case .stored(let version) = try answer(.set(name, value.encoded, if: .none, .unlimited))
    else { throw Violation(description: "\(name) cannot be set") }
    return version
  }

  fileprivate func value(_ name: KeyName) throws -> Value? { try answer(.get(name)).values.first }
}

extension KeyAnswer {
  /// Why the command was refused.
  fileprivate var code: String? {
    if case .refused(let refusal) = self { refusal.code.rawValue } else { nil }
  }

  /// The values that it has.
  fileprivate var values: [Value] {
    switch self {
    case .found(let entry): entry.map { [Value(encoded: $0.value) ?? .nil] } ?? []
    case .added(let sum, _): [sum]
    case .listed(let entries, _): entries.map { Value(encoded: $0.value) ?? .nil }
    case .stored, .deleted, .swept, .adopted, .refused: []
    }
  }
}
