import Foundation
import Layers
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

extension SignalsTests {
  /// Programs that test the language and its libraries while the host preempts them every 100 µs.
  @Suite(.serialized) struct LanguageSignalsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Lua/language").standardized

    static let programs: [String] = {
      do {
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
          .filter { $0.hasSuffix(".lua") }.sorted()
      } catch {
        return []
      }
    }()

    /// 2 by default; the environment can set more.
    private static let rounds =
      ProcessInfo.processInfo.environment["MOONWHEEL_LANGUAGE_ROUNDS"].flatMap(Int.init) ?? 2

    @Test func `there are programs`() { #expect(Self.programs.count >= 7) }

    @Test(.timeLimit(.minutes(10)), arguments: programs)
    func `preemption does not change what the language does`(_ program: String) async throws {
      let text = try String(contentsOf: Self.folder.appending(path: program), encoding: .utf8)
      let script = """
        on("program", { name = "attack" }, function()
          for _ = 1, \(Self.rounds) do (function()
        \(text)
          end)() end
        end)
        """
      var configuration = Configuration()
      configuration.workers = 2
      configuration.slice = .seconds(0.0001)
      let arena = try Arena(
        [(program, script), ("again_" + program, script)], configuration: configuration,
        hasNeighbour: false)
      try arena.scheduler.emit("program")
      for name in [program, "again_" + program] {
        let ended = arena.wait(590) { $0.ended[name] }
        #expect(ended?.outcome == "succeeded", "\(ended?.error ?? "it does not end")")
      }
      await arena.stop()
    }
  }
}
