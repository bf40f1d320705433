import TestSupport
import Testing

@testable import FileWatching

@Suite struct PathStepsTests {
  @Test func `a file without links is one name below its folders`() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.lua")
    let steps = PathSteps(of: folder.path("a.lua"), in: "/")
    #expect(steps.names == [folder.path("a.lua")])
    #expect(steps.folders == ["/tmp", folder.path])
    #expect(PathSteps(of: "./a.lua", in: folder.path) == steps)
    #expect(PathSteps(of: "x/.././a.lua", in: folder.path).names == [folder.path("x")])
  }

  @Test func `a path with missing parts ends at the first of them`() throws {
    let folder = try TemporaryFolder()
    #expect(PathSteps(of: folder.path("no/where.lua"), in: "/").names == [folder.path("no")])
  }

  @Test func `a file of a config map leads through two links`() throws {
    let folder = try TemporaryFolder()
    try folder.folder("..2026")
    try folder.write("..2026/job.lua")
    try folder.link("..data", to: "..2026")
    try folder.link("job.lua", to: "..data/job.lua")
    let steps = PathSteps(of: folder.path("job.lua"), in: "/")
    #expect(steps.names == ["job.lua", "..data", "..2026/job.lua"].map(folder.path(_:)))
    #expect(steps.folders == ["/tmp", folder.path, folder.path("..2026")])
  }

  @Test func `absolute links and links upwards are followed`() throws {
    let folder = try TemporaryFolder()
    try folder.folder("a")
    try folder.write("b.lua")
    try folder.link("a/up.lua", to: "../b.lua")
    try folder.link("far.lua", to: folder.path("a/up.lua"))
    #expect(
      PathSteps(of: folder.path("far.lua"), in: "/").names
        == ["far.lua", "a/up.lua", "b.lua"].map(folder.path(_:)))
  }

  @Test func `a circle of links ends`() throws {
    let folder = try TemporaryFolder()
    try folder.link("a", to: "b")
    try folder.link("b", to: "a")
    #expect(PathSteps(of: folder.path("a"), in: "/").names.count <= 41)
  }
}
