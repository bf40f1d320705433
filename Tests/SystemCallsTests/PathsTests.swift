import TestSupport
import Testing

@testable import SystemCalls

@Suite struct PathsTests {
  @Test(
    arguments: [
      ("/", "/"), ("/a/b", "/a/b"), ("//a///b/", "/a/b"), ("/a/./b/../c", "/a/c"), ("/../a", "/a"),
    ])
  func `an absolute path has no dots and no empty parts`(path: String, absolute: String) {
    #expect(Paths.absolute(path) == absolute)
  }

  @Test func `a relative path begins in the working folder`() {
    #expect(Paths.absolute("a/../b") == Paths.absolute(Paths.workingFolder + "/b"))
    #expect(Paths.absolute("") == Paths.absolute(Paths.workingFolder))
  }

  @Test func `links have a target, and a resolved path has none`() throws {
    let folder = try TemporaryFolder()
    try folder.write("file")
    try folder.link("link", to: "file")
    try folder.link("dangling", to: "nowhere")
    #expect(Paths.target(ofLink: folder.path("link")) == "file")
    #expect(Paths.target(ofLink: folder.path("file")) == nil)
    #expect(Paths.resolved(folder.path("link")) == Paths.resolved(folder.path("file")))
    #expect(Paths.resolved(folder.path("dangling")) == nil)
  }
}
