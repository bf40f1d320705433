import Testing

@testable import MoonwheelCLI

@Suite("the arguments of run are read without the parser as with it")
struct RunArgumentsTests {
  @Test(
    "a line of paths and options with values is read alike",
    arguments: [
      "run a", "run a b --no-watch", "run --store memory a", "run a --store=memory",
      "run --store=a=b a", "run a --tz Europe/Berlin --workers 2 --slice 1ms --memory 512M",
      "run a --log json --shutdown-timeout 1s --for 2s --log-events run.*", "run --no-watch ../x y",
      "run a --workers x", "run a --stuck-after 5s", "run a --log loud",
    ])
  func read(line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    let read = try #require(RunArguments(withoutParser: words))
    let parsed = try #require(try Main.parseAsRoot(words) as? RunCommand)
    #expect(read == parsed.arguments)
  }

  @Test(
    "anything else is left to the parser",
    arguments: [
      "", "run", "run --help", "run -h a", "run a --unknown", "run a --store", "run a --store -x",
      "run a --store --no-watch", "run a --store x --store y", "run a --no-watch --no-watch",
      "run -- a", "run a -x", "run --no-watch=1 a", "run --store= a", "check a",
      "--help run a", "run --store memory", "run - a", "run a --st x", "run a --allow-unsafe-lua",
    ])
  func other(line: String) {
    #expect(RunArguments(withoutParser: line.split(separator: " ").map(String.init)) == nil)
  }

  @Test("each option of the table is one of the parser", arguments: RunOption.allCases)
  func option(option: RunOption) throws {
    let words = ["run", "a", "--" + option.rawValue, "x"]
    let parsed = try #require(try Main.parseAsRoot(words) as? RunCommand)
    #expect(parsed.arguments.values == [option: "x"])
    #expect(RunArguments(withoutParser: words) == parsed.arguments)
    #expect(RunCommand.helpMessage(columns: 1_000).contains(option.help))
  }
}
