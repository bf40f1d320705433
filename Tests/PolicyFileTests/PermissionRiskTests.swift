import Permissions
import Testing

@testable import PolicyFile

@Suite struct PermissionRiskTests {
  @Test(arguments: [
    (PermissionKind.run, "sh", "runs any other program"),
    (.run, "/usr/bin/env", "runs any other program"),
    (.run, "*", "is every program"),
    (.run, "unconfined", "lets its programs do all"),
    (.run, "detach", "lets its programs go on"),
    (.read, "/proc", "shows what other processes"),
    (.unix, "/var/run/docker.sock", "is root on this machine"),
    (.net, "*.com", "anybody can get a name below com"),
    (.net, "*.GitHub.io:443", "below github.io"),
    (.net, "*.co.uk private", "below co.uk"),
    (.net, "*", "is every host"),
    (.read, ".", "has the policy and the scripts in it"),
    (.read, "/", "has the policy and the scripts in it"),
    (.write, "/srv", "these stay closed"),
    (.write, "moonwheel.policy", "may do all"),
    (.write, "lib/tools.lua", "is a script or a module"),
  ])
  func `what gives more than it seems to has a warning`(
    kind: PermissionKind, entry: String, words: String
  ) {
    let text = PermissionRisk.words(kind, entry, folder: "/srv/jobs", policyFolder: "/srv/jobs")
    #expect(text?.contains(words) == true, "\(text ?? "none")")
  }

  @Test(arguments: [
    (PermissionKind.run, "git"), (.unix, "/run/app.sock"), (.net, "*.example.com"),
    (.net, "com"), (.read, "inbox"), (.write, "/srv/jobs2"), (.write, "/tmp/a.lua"), (.kv, "*"),
  ])
  func `what is as narrow as it looks has none`(kind: PermissionKind, entry: String) {
    let folder = "/srv/jobs"
    #expect(PermissionRisk.words(kind, entry, folder: folder, policyFolder: folder) == nil)
  }
}
