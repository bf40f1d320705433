import Glibc
import TestSupport
import Testing
import Triggers

@testable import SystemZones

@Suite struct SystemZonesTests {
  /// `zoneinfo` holds a few zones of the system; `etc` is empty.
  private let root: TemporaryFolder

  init() throws {
    root = try TemporaryFolder()
    for folder in ["etc", "zoneinfo", "zoneinfo/Europe", "zoneinfo/America", "zoneinfo/Etc"] {
      try root.folder(folder)
    }
    for name in ["Europe/Berlin", "Europe/Dublin", "America/New_York", "Etc/GMT-2", "UTC"] {
      try root.link("zoneinfo/" + name, to: "/usr/share/zoneinfo/" + name)
    }
  }

  private func zones(_ variables: [String: String] = [:]) -> SystemZones {
    SystemZones(folder: root.path("zoneinfo"), settings: root.path("etc")) { variables[$0] }
  }

  private func problem(_ name: String) -> String {
    do throws(TriggerError) {
      return "it is \(try zones().zone(named: name).name)"
    } catch {
      #expect(error.code == .zone)
      return error.message
    }
  }

  // MARK: Names

  @Test func `a zone is read once, and has the requested name`() throws {
    let zones = zones()
    let berlin = try zones.zone(named: "Europe/Berlin")
    #expect(berlin.name == "Europe/Berlin")
    #expect(berlin.offset(at: Timestamp(seconds: 1_774_746_000)) == 7200)
    root.remove("zoneinfo/Europe/Berlin")
    #expect(try zones.zone(named: "Europe/Berlin") === berlin)
    #expect(throws: TriggerError.self) { try self.zones().zone(named: "Europe/Berlin") }
  }

  @Test func `the names are those of the files at any depth, in order`() throws {
    try root.folder("zoneinfo/posix")
    try root.folder("zoneinfo/right")
    try root.link("zoneinfo/posix/UTC", to: "/usr/share/zoneinfo/UTC")
    try root.link("zoneinfo/right/UTC", to: "/usr/share/zoneinfo/UTC")
    for name in ["zone.tab", ".hidden", "two words"] { try root.write("zoneinfo/" + name) }
    try root.link("zoneinfo/broken", to: "nowhere")
    #expect(
      zones().names() == [
        "America/New_York", "Etc/GMT-2", "Europe/Berlin", "Europe/Dublin", "UTC",
      ])
  }

  @Test(arguments: [
    "", ".", "..", "/etc/passwd", "../etc/timezone", "Europe/../UTC", "Europe//Berlin", "Europe/",
    "Europe", "Europe/Berlin\u{0}", "Europe/Berlin\n", ".hidden", "Ünited",
    String(repeating: "a", count: 101), String(repeating: "a/", count: 5000),
  ])
  func `a text that is no name of a zone is refused without reading a file`(name: String) throws {
    try root.write("etc/timezone", "UTC")
    try root.write("zoneinfo/.hidden", "x")
    let problem = problem(name)
    #expect(problem.hasPrefix("unknown time zone \"") && problem.utf8.count < 400, "\(problem)")
    #expect(!problem.contains("\n"))
  }

  @Test(
    arguments: [
      ("Europe/Berlim", "did you mean \"Europe/Berlin\"?"),
      ("europe/berlin", "did you mean \"Europe/Berlin\"?"),
      ("Berlin", "did you mean \"Europe/Berlin\"?"),
      ("new york", "did you mean \"America/New_York\"?"),
      ("US/New_York", "did you mean \"America/New_York\"?"),
      ("+02:00", "did you mean \"Etc/GMT-2\"?"), ("UTC+2", "did you mean \"Etc/GMT-2\"?"),
      ("+05:30", "zones have names such as Europe/Berlin"),
      ("UTC+3", "zones have names such as Europe/Berlin"),
      ("Mars/Phobos", "zones have names such as Europe/Berlin"),
    ])
  func `the error suggests similar names`(name: String, remedy: String) {
    #expect(problem(name) == "unknown time zone \"\(name)\" in \(root.path("zoneinfo")), \(remedy)")
  }

  @Test func `without zone files there is only UTC, and the error says so`() throws {
    let zones = SystemZones(folder: root.path("etc"), settings: root.path("etc")) { _ in nil }
    #expect(try zones.zone(named: "UTC") === Zone.utc)
    #expect(zones.names().isEmpty)
    let error = #expect(throws: TriggerError.self) { try zones.zone(named: "Europe/Berlin") }
    #expect(
      error?.message
        == "unknown time zone \"Europe/Berlin\": there are no zone files in \(root.path("etc")); install tzdata, or name their folder in TZDIR"
    )
    #expect(try zones.systemDefault() === Zone.utc)
  }

  @Test(arguments: ["", "TZif", String(repeating: "x", count: 2_000_000)])
  func `a file without a zone is refused`(text: String) throws {
    try root.write("zoneinfo/Bad", text)
    let problem = problem("Bad")
    #expect(problem.contains("damaged") || problem.contains("unknown time zone"), "\(problem)")
  }

  // MARK: The host's zone

  @Test(
    arguments: [
      ("", "UTC"), ("Europe/Berlin", "Europe/Berlin"), (":Europe/Berlin", "Europe/Berlin"),
      ("EST5EDT,M3.2.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0"), ("<+03>-3", "<+03>-3"), ("UTC", "UTC"),
    ])
  func `the variable TZ names the host's zone`(variable: String, name: String) throws {
    try root.write("etc/timezone", "America/New_York\n")
    #expect(try zones(["TZ": variable]).systemDefault().name == name)
  }

  @Test func `TZ can be a path or a rule`() throws {
    let inside = zones(["TZ": root.path("zoneinfo/Europe/Berlin")])
    #expect(try inside.systemDefault().name == "Europe/Berlin")
    try root.link("mine", to: "/usr/share/zoneinfo/Europe/Dublin")
    #expect(try zones(["TZ": ":" + root.path("mine")]).systemDefault().name == "Europe/Dublin")
    let at = Timestamp(seconds: 1_774_746_000)
    #expect(try zones(["TZ": "<+03>-3"]).systemDefault().offset(at: at) == 10_800)
  }

  @Test(arguments: ["Mars/Phobos", "/nowhere", "CET-99"])
  func `a TZ that names no zone is an error that mentions TZ`(variable: String) {
    let error = #expect(throws: TriggerError.self) {
      try zones(["TZ": variable]).systemDefault()
    }
    #expect(error?.message.hasPrefix("TZ: unknown time zone \"\(variable)\"") == true)
  }

  @Test func `without TZ, the files of the system name the host's zone`() throws {
    #expect(try zones().systemDefault() === Zone.utc)
    try root.link("etc/localtime", to: root.path("zoneinfo/Europe/Dublin"))
    #expect(try zones().systemDefault().name == "Europe/Dublin")
    try root.write("etc/timezone", "Europe/Berlin\n")
    #expect(try zones().systemDefault().name == "Europe/Berlin")
    try root.write("etc/timezone", "Mars/Phobos\n")
    #expect(try zones().systemDefault().name == "Europe/Dublin")
  }

  @Test func `a zone file without a name is local time`() throws {
    let file = unsafe fopen("/usr/share/zoneinfo/Europe/Berlin", "rb")
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    let copy = try root.open("etc/localtime", O_WRONLY | O_CREAT)
    #expect(unsafe write(copy, bytes, count) == count)
    close(copy)
    let zone = try zones().systemDefault()
    #expect(zone.name == "localtime")
    #expect(zone.offset(at: Timestamp(seconds: 1_774_746_000)) == 7200)
  }

  @Test func `TZDIR names the folder of the zone files`() throws {
    let path = root.path("zoneinfo")
    let zones = SystemZones(folder: nil, settings: root.path("etc")) { $0 == "TZDIR" ? path : nil }
    #expect(zones.folder == path)
    #expect(SystemZones(folder: nil, settings: "") { _ in "" }.folder == "/usr/share/zoneinfo")
  }
}
