import Layers
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// Bulk registrations: the host reads jobs that a script registers in a loop together.
@Suite struct ManyJobsTests {
  private static func name(_ number: Int) -> String {
    number == 1 ? "every 1h" : "every 1h #\(number)"
  }

  @Test(arguments: [2, 1_000, 1_025, 1_026, 1_027, 3_000])
  func `jobs registered in bulk equal jobs registered one by one`(count: Int) throws {
    let single = try SingleScript(
      """
      for i = 1, \(count) do
        every("1h", function() return i end)
      end
      """)
    #expect(single.registrations.map(\.name) == (1...count).map(Self.name))
    #expect(single.registrations.map { Int($0.handle.index) } == Array(0..<count))
    #expect(single.registrations.allSatisfy { $0.line == 2 && !$0.isNamed && !$0.isDynamic })
    #expect(Set(single.registrations.map(\.callback)).count == count)
    #expect(single.registrations.allSatisfy { $0.trigger == single.registrations[0].trigger })
    for number in [1, 2, count / 2, count] where number > 0 {
      #expect(try single.run(Self.name(number)).result == .integer(Int64(number)))
    }
  }

  @Test func `each job of a bulk registration has its own handle`() throws {
    let single = try SingleScript(
      """
      local handles = {}
      for i = 1, 50 do handles[i] = every("1h", function() end) end
      job("names", { run = function()
        return { handles[1].name, handles[2].name, handles[50].name, jobs["every 1h #7"].name, #jobs() }
      end })
      """)
    #expect(
      try single.run("names").result == [
        "every 1h", "every 1h #2", "every 1h #50", "every 1h #7", 51,
      ])
  }

  @Test func `jobs that differ in more than their function keep order, line and trigger`() throws {
    let single = try SingleScript(
      """
      for i = 1, 9 do
        every("1h", print)
        every(i % 3 == 0 and "2h" or "1h", print)
        if i % 4 == 0 then every("1h", { tags = { "t" } }, print) end
        if i == 5 then every("1h", { name = "own" }, print) end
      end
      local function inner() every("1h", print) end
      for i = 1, 4 do inner() end
      """)
    var expected: [(String, Int32)] = []
    for i in 1...9 {
      expected.append(("1h", 2))
      expected.append((i % 3 == 0 ? "2h" : "1h", 3))
      if i % 4 == 0 { expected.append(("1h", 4)) }
      if i == 5 { expected.append(("own", 5)) }
    }
    for _ in 1...4 { expected.append(("1h", 7)) }
    var counts: [String: Int] = [:]
    let names = expected.map { spec, _ in
      if spec == "own" { return spec }
      counts[spec, default: 0] += 1
      let count = counts[spec] ?? 0
      return count == 1 ? "every \(spec)" : "every \(spec) #\(count)"
    }
    #expect(single.registrations.map(\.name) == names)
    #expect(single.registrations.map(\.line) == expected.map(\.1))
    let tagged = single.registrations.filter { !$0.policy.value.tags.isEmpty }
    #expect(tagged.allSatisfy { $0.line == 4 } && tagged.count == 2)
  }

  @Test func `specs are compared by content, not by identity`() throws {
    let single = try SingleScript(
      """
      for i = 1, 60 do
        every((i % 2 + 1) .. "h", function() return i end)
        collectgarbage()
      end
      """)
    let specs = (1...60).map { $0 % 2 + 1 }
    #expect(
      zip(single.registrations, specs).allSatisfy { $0.name.hasPrefix("every \($1)h") })
    #expect(try single.run("every 2h #30").result == 59)
  }

  @Test func `a derived name never equals a given one, in either order`() throws {
    let single = try SingleScript(
      """
      every("1h", { name = "every 1h #2" }, print)
      for i = 1, 3 do every("1h", print) end
      """)
    #expect(
      single.registrations.map(\.name) == ["every 1h #2", "every 1h", "every 1h #3", "every 1h #4"])
    let error = #expect(throws: ScriptError.self) {
      try SingleScript(
        """
        for i = 1, 3 do every("1h", print) end
        every("1h", { name = "every 1h #3" }, print)
        """)
    }
    #expect(
      error?.message.contains("the name \"every 1h #3\" is taken by the job at a.lua:1") == true,
      "\(String(describing: error))")
  }

  @Test func `a loop cannot exceed the limit of jobs`() throws {
    var configuration = Configuration()
    configuration.jobLimit = 20
    let many = "for i = 1, %d do every('1h', print) end"
    #expect(
      try SingleScript(many.replacing("%d", with: "20"), configuration).registrations.count == 20)
    let error = #expect(throws: ScriptError.self) {
      try SingleScript(many.replacing("%d", with: "21"), configuration)
    }
    #expect(error?.message.contains("at most 20 jobs") == true)
  }

  @Test func `a run registers jobs one by one`() throws {
    let single = try SingleScript(
      "job('j', { run = function() for i = 1, 5 do every('1h', print) end return #jobs() end })")
    #expect(try single.run("j").result == 6)
  }
}
