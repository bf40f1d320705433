import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel
@testable import ScriptHost

@Suite struct CallArgumentsTests {
  private let none: CallArguments = []
  private let two: CallArguments = ["a", 2]

  @Test(arguments: [-1, 2, 3, .max, .min])
  func `an index past the end has nil`(index: Int) {
    #expect(none[index].isNil)
    #expect(two[index].isNil)
    #expect(two.dropFirst()[index].isNil)
  }

  @Test func `ranges are clamped to the arguments`() {
    #expect(Array(none[1...]) == [])
    #expect(Array(two[1...]) == [2])
    #expect(Array(two[5...]) == [])
    #expect(Array(two[1..<9]) == [2])
    #expect(Array(two[4..<9]) == [])
    #expect(Array(none[0...3]) == [])
    #expect(Array(two[...0]) == ["a"] && Array(none[...5]) == [] && two[...(.max)] == two)
    #expect(Array(two[..<9]) == ["a", 2] && Array(two[1...][..<0]) == [])
    #expect(Array(two[1 ... .max]) == [2] && Array(two[7...9]) == [])
    #expect(two.prefix(5) == two && two.dropFirst(5).isEmpty && two.suffix(9) == two)
    #expect(two[1...] == [2] && two[1...].startIndex == 1 && two[1...][1] == 2)
    #expect(two[1...][7].isNil && Array(two[1...][5...]) == [])
  }

  @Test func `arguments are a collection that equals a literal`() {
    #expect(two == ["a", 2] && two != ["a"] && two.count == 2)
    #expect(none.isEmpty && none.first == nil && two.last == 2)
    #expect(two.map(\.typeName) == ["string", "number"])
    #expect(Set([two, ["a", 2], none]).count == 2)
  }

  @Test func `a script may leave out arguments that a Swift function reads`() async throws {
    let seen: @Sendable (CallArguments) -> Value = { arguments in
      let options = arguments[1]["x"] ?? .nil
      return [
        "first": arguments[0], "rest": .integer(Int64(arguments[1...].count)),
        "third": arguments[2],
        "options": options, "slice": .integer(Int64(arguments[1..<3].count)),
      ]
    }
    try await withHost(
      [
        "a.lua": """
        local function tell(t) print(t.first, t.rest, t.third, t.options, t.slice) end
        tell(look()) tell(look(nil)) tell(look("a", { x = 1 }, "c", "d"))
        after("1s", function() emit("told", later()) emit("told", later("a", 2)) end)
        """
      ],
      prepare: { scheduler in
        try scheduler.register("look") { seen($0) }
        try scheduler.registerAsync("later") { seen($0) }
      },
      body: { host in
        #expect(
          host.log.said == ["nil\t0\tnil\tnil\t0", "nil\t0\tnil\tnil\t0", "a\t3\tc\t1\t2"])
        let told = try EventRecorder("told", of: host.scheduler)
        host.advance(by: 1)
        #expect(try await told.reaches { $0.count == 2 })
        #expect(told.events.map { $0.payload["rest"] } == [0, 1])
      })
  }
}
