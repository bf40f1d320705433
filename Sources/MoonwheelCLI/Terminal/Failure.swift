import ArgumentParser
import Moonwheel
import MoonwheelReports
import ScriptHost
import Triggers

/// Why a command failed: a message for stderr and an exit code.
struct Failure: Error {
  let message: String
  let code: Int32

  init(_ problem: String, code: Int32 = 1) {
    message = "moonwheel: \(problem)"
    self.code = code
  }

  /// Prints the message, and returns the exit code, which the caller throws.
  func report() -> ExitCode {
    printError(message)
    return ExitCode(code)
  }
}

extension RunFailure {
  /// The message, and below it the traceback if there is one.
  var fullText: String { message + (traceback.isEmpty ? "" : "\n" + traceback) }
}

/// A command whose error is printed, with an exit code.
protocol ReportingCommand: ParsableCommand {
  func execute() throws
}

extension ReportingCommand {
  func run() throws { try reportErrors(execute) }
}

/// Reads what a user wrote. A mistake in it is wrong usage: exit code 64.
func readUsage<Answer>(_ read: () throws(TriggerError) -> Answer) throws(Failure) -> Answer {
  do { return try read() } catch { throw Failure(error.message, code: 64) }
}

/// Reads an instant as in `2h`, `09:00`, `2026-12-24 18:00`.
///
/// - Parameter word: the name of the text in error messages.
func readPastTime(_ text: String, in zone: Zone, word: String) throws(Failure) -> Timestamp {
  try readUsage { () throws(TriggerError) in
    try PastTime.read(text, zone: zone, now: SystemClock().read().wall, word: word)
  }
}

/// Runs a command and prints its error. The exit code is 1 for a script that does not load, and 2 for an error without
/// a code of its own, such as that of a store.
func reportErrors<Answer>(_ command: () throws -> Answer) throws(ExitCode) -> Answer {
  do {
    return try command()
  } catch let code as ExitCode {
    throw code
  } catch let failure as Failure {
    throw failure.report()
  } catch let error as ScriptError {
    throw Failure("\(error)").report()
  } catch let error as ReportError {
    let isUsage = error.code == .ambiguousJob || error.code == .badRequest
    throw Failure("\(error)", code: isUsage ? 64 : 1).report()
  } catch {
    throw Failure("\(error)", code: 2).report()
  }
}
