import Layers
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// Jobs with only a duration take a short path of registration, from the second one on.
@Suite struct RegistrationTests {
  @Test func `the short path makes the same jobs as the long one`() throws {
    let words = ["every('10s'", "every('60s'", "after('10s'", "every('2m'", "after('90s'"]
    let short = words.flatMap { word in (1...3).map { _ in "\(word), f)" } }
    let long = words.flatMap { word in (1...3).map { _ in "\(word), {}, f)" } }
    let scripts = try [short, long].map { lines in
      try SingleScript((["local function f() end"] + lines).joined(separator: "\n"))
    }
    #expect(scripts[0].registrations.count == 15)
    for (a, b) in zip(scripts[0].registrations, scripts[1].registrations) {
      #expect(a.name == b.name && a.trigger == b.trigger && a.policy.value == b.policy.value)
      #expect(a.line == b.line && a.isNamed == b.isNamed && a.handle == b.handle)
      let entries = [(scripts[0], a), (scripts[1], b)].map { script, registration in
        script.isolate.registry[registration.handle]
      }
      #expect(entries[0]?.name == entries[1]?.name)
      #expect(entries[0]?.position == entries[1]?.position)
    }
  }

  @Test func `defaults apply on the short path, too`() throws {
    let script = try SingleScript(
      """
      local function f() end
      every('10s', f)
      every('10s', f)
      defaults { timeout = '3s', overlap = 'queue' }
      every('10s', f)
      every('20s', f)
      """)
    let policies = script.registrations.map(\.policy.value)
    #expect(policies.map(\.overlap) == [.skip, .skip, .queue, .queue])
    #expect(policies.map(\.limits.soft)[2...] == [3_000_000_000, 3_000_000_000])
    #expect(policies[0] == policies[1] && policies[0] != policies[2])
  }

  @Test(arguments: [
    ("every('10s', f) every('10s', f) every('10sec', f, 1)", "options"),
    ("every('10s', f) every('10s', f) every('10s', nil)", "the callback is nil"),
    ("every('10s', f) every('10us', f)", "too short"),
    ("every('10s', f) job('every 10s', { run = f })", "taken"),
  ])
  func `mistakes have the same messages on the short path`(text: String, message: String) {
    #expect {
      _ = try SingleScript("local function f() end\n" + text)
    } throws: { error in
      "\(error)".contains(message)
    }
  }
}
