import Moonwheel
import Testing

@testable import MoonwheelCLI

@Suite struct PermissionAdviceTests {
  @Test func `check says where nothing confines programs`() throws {
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.texts = [
      (name: "a.lua", source: "permissions { run = { 'git' } }"),
      (name: "b.lua", source: "permissions { read = { 'in' } }"),
    ]
    let inspection = try Inspection(configuration)
    let report = PermissionReport(try HostGrants(paths: [], GrantFlags()), inspection.asked)
    let warnings = PermissionAdvice(report, ["a.lua", "b.lua"], confinement: 0).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("a.lua: programs are not confined here") == true)
    #expect(PermissionAdvice(report, ["a.lua", "b.lua"], confinement: 4).warnings.isEmpty)
  }
}
