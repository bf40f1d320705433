import Testing

@testable import Permissions

@Suite struct ProtectedFilesTests {
  private let files = ProtectedFiles(
    roots: ["/srv/jobs", "/opt/one.lua"], files: ["/etc/mw/policy"])

  @Test(arguments: [
    "/srv/jobs/moonwheel.policy", "/tmp/moonwheel.policy", "/srv/jobs/a.lua",
    "/srv/jobs/reports/a.lua", "/srv/jobs/lib/tools.lua", "/srv/jobs/a_test.lua",
    "/srv/jobs/.moonwheel", "/srv/jobs/.moonwheel/store.db", "/srv/jobs", "/srv", "/",
    "/opt/one.lua", "/opt", "/etc/mw/policy",
  ])
  func `what decides what scripts do is protected`(path: String) { #expect(files.has(path)) }

  @Test(arguments: [
    "/srv/jobs/out/a.txt", "/srv/jobs/out", "/srv/jobs2/a.lua", "/tmp/a.lua", "/opt/two.lua",
    "/srv/jobs/moonwheel.policy.txt",
  ])
  func `what is only data is not`(path: String) { #expect(!files.has(path)) }

  @Test func `a folder with all in it is not moved among the scripts`() {
    #expect(files.has("/srv/jobs/out", isMovedFolder: true))
    #expect(!files.has("/tmp/out", isMovedFolder: true))
  }

  @Test func `only an entry that names the file opens it`() {
    func grants(_ asked: String..., granted: String...) -> Grants {
      Grants(asked: [.write: asked], granted: [.write: granted], folder: "/srv/jobs")
    }
    #expect(!grants(".", granted: ".").mayChange(protected: "/srv/jobs/a.lua"))
    #expect(!grants("a.lua", granted: ".").mayChange(protected: "/srv/jobs/a.lua"))
    #expect(grants("a.lua", granted: "a.lua").mayChange(protected: "/srv/jobs/a.lua"))
    #expect(grants(".", granted: "a.lua").mayChange(protected: "/srv/jobs/a.lua"))
    #expect(!grants("a.lua", granted: "a.lua").mayChange(protected: "/srv/jobs/b.lua"))
    #expect(!grants("b.lua", granted: "a.lua").mayChange(protected: "/srv/jobs/a.lua"))
    let denied = Grants(
      asked: [.write: ["a.lua"]], granted: [.write: ["a.lua"]], denied: [.write: ["."]],
      folder: "/srv/jobs")
    #expect(!denied.mayChange(protected: "/srv/jobs/a.lua"))
  }
}
