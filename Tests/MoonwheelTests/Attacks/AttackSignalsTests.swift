import Layers
import LuaRuntime
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

/// Preemption and eviction of scripts by signals. These suites run one after the other, since they measure time.
@Suite(.serialized) struct SignalsTests {}

extension SignalsTests {
  @Suite(.serialized) struct AttackSignalsTests {
    static let hardLimit: Int64 = 300_000_000

    @Test(.timeLimit(.minutes(1)), arguments: AttackGroup.all)
    func `a hostile run ends in time and harms no other script`(_ group: AttackGroup) async throws {
      let before = LuaMemory.reserved
      var configuration = Configuration()
      configuration.workers = 4
      let scripts = group.attacks.enumerated().map { (name: "\($0).lua", source: $1.script($0)) }
      let arena = try Arena(scripts, configuration: configuration)
      var slowest: Int64 = 0
      for first in stride(from: 0, to: group.attacks.count, by: 3) {
        let numbers = Array(first..<min(first + 3, group.attacks.count))
        for number in numbers { try arena.scheduler.emit("attack.\(number)") }
        for number in numbers {
          slowest = max(slowest, check(group.attacks[number], number, in: arena))
        }
        for number in numbers { try arena.scheduler.emit("alive.\(number)") }
        for number in numbers {
          let isAlive = arena.wait(5) { $0.alive.contains(number) ? true : nil } ?? false
          #expect(isAlive, "the script of \"\(group.attacks[number].name)\" is dead")
        }
      }
      await arena.stop()
      arena.checkNeighbour()
      print(
        "\(group.name): the slowest end \(slowest / 1_000_000) ms after its start"
      )
      expectReleased(to: before)
    }

    /// The duration of the run.
    private func check(_ attack: Attack, _ number: Int, in arena: Arena) -> Int64 {
      let found = arena.wait(5) { state in
        state.ended["\(number).lua"].flatMap { ended in
          state.began[number].map { (began: $0, ended: ended) }
        }
      }
      guard let (began, ended) = found else {
        Issue.record("the run of \"\(attack.name)\" does not end")
        return 0
      }
      let outcome = Attack.Outcome(rawValue: ended.outcome)
      #expect(
        outcome.map(attack.outcomes.contains) == true,
        "\"\(attack.name)\" ended \(ended.outcome): \(ended.error.prefix(500))")
      let bound = Self.hardLimit + (outcome == .evicted ? 200_000_000 : 100_000_000)
      let took = ended.at - began
      #expect(took < bound + Arena.allowance, "\"\(attack.name)\" took \(took / 1_000_000) ms")
      return took
    }
  }
}

/// Other tests hold small isolates at the same time: the rest must be small compared with the 64 MiB of one attack.
func expectReleased(to before: Int) {
  let left = LuaMemory.reserved - before
  #expect(left < 24 << 20, "\(left >> 20) MiB are left")
}
