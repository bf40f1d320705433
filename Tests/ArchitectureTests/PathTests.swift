import Foundation
import Testing

/// Any file system can hold the repository.
struct PathTests {
  @Test func `no two paths differ by case alone`() throws {
    var seen: [String: String] = [:]
    for path in try Repository.paths() {
      if let other = seen.updateValue(path, forKey: path.lowercased()) {
        Issue.record("\(path) and \(other) are one path to file systems that ignore case")
      }
    }
    #expect(seen.count > 300, "the repository was not found")
  }
}
