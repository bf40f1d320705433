import Foundation
import Moonwheel

/// A scheduler whose scripts may run programs: `run("date", "-u")` waits for the program's end and returns its output.
@main struct Shell {
  static func main() async throws {
    let scheduler = try scheduler(for: Configuration(paths: ["Examples/Shell/scripts"]))
    try await scheduler.run()
  }

  static func scheduler(for configuration: Configuration) throws -> Scheduler {
    let scheduler = try Scheduler(configuration)
    try scheduler.registerAsyncCall("run", arguments: ["program"]) { call in
      let words = call.arguments.map { $0.text ?? "\($0)" }
      guard !words.isEmpty else { throw Refusal("run takes a program and its arguments") }
      return try await output(of: words, for: call)
    }
    return scheduler
  }

  /// Runs a program. It ends with the run of the script that has called it, if not before.
  private static func output(of words: [String], for call: FunctionCall) async throws -> Value {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--"] + words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    // Not TERM: programs that Foundation starts from a task have it blocked, as the threads of tasks do.
    let held = call.hold { kill(process.processIdentifier, SIGKILL) }
    let output = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        continuation.resume(returning: output)
      }
    }
    held.end()
    guard process.terminationStatus == 0 else {
      throw Refusal("\(words[0]) ended with \(process.terminationStatus)", code: "exit")
    }
    return .string(String(decoding: output, as: UTF8.self))
  }
}
