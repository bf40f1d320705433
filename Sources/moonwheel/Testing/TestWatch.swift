import FoundationEssentials
import Glibc
import Moonwheel

/// Runs tests again whenever a Lua file of their folders changes.
struct TestWatch {
  var paths: [String]

  /// How long a change has to rest, in microseconds.
  private static let pause: UInt32 = 300_000

  /// Never returns but by a signal, which ends the process.
  func run(_ tests: () throws -> Void) throws {
    while true {
      let before = signature()
      do {
        try tests()
      } catch let failure as Failure {
        complain(failure.message)
      } catch let error as ScriptError {
        complain("moonwheel: \(error)")
      }
      complain("waiting for a change; interrupt to end")
      while signature() == before { usleep(Self.pause) }
      usleep(Self.pause)
    }
  }

  private struct Version: Equatable {
    var path: String
    var changed: Date?
    var size: UInt64?
  }

  private func signature() -> [Version] {
    paths.flatMap { path -> [Version] in
      let files = below(path).filter { $0.hasSuffix(".lua") }.map { "\(path)/\($0)" }
      return ([path] + files.sorted()).map { version(of: $0) }
    }
  }

  /// Empty for a file, and for what cannot be read.
  private func below(_ path: String) -> [String] {
    do { return try FileManager.default.subpathsOfDirectory(atPath: path) } catch { return [] }
  }

  private func version(of path: String) -> Version {
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return Version(
        path: path, changed: attributes[.modificationDate] as? Date,
        size: attributes[.size] as? UInt64)
    } catch {
      return Version(path: path)
    }
  }
}
