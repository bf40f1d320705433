import Glibc
import Moonwheel
import MoonwheelReports
import Permissions
import SystemCalls
import WorkerPool

/// Asks the person on the terminal whether scripts may do what they ask for, on a thread of its own: jobs go on meanwhile.
///
/// Scripts that ask while others load, or while a question waits for its answer, are in one question together. What was
/// refused is not asked again until the script asks for something else.
final class PermissionPrompt: Sendable {
  private struct State {
    /// What scripts have asked for, and of that what is not granted, when they were loaded last.
    var asks: [String: PermissionQuestion.Asker] = [:]
    /// Whether a script was loaded since the last question.
    var isNew = false
    var refused: [String: PermissionSet] = [:]
  }

  private let book: PolicyBook
  private let state = Condition(State())

  /// Nil if nobody can answer: it takes a person who sees stderr and types on stdin.
  init?(_ book: PolicyBook) {
    guard TerminalInput.isPresent, Output.isTerminal(STDERR_FILENO) else { return nil }
    self.book = book
  }

  /// Notes what a script asks for while it is loaded, and what of that may be granted to it. Any thread.
  func note(_ script: String, asked: PermissionSet, missing: PermissionSet) {
    state.withLock { state in
      state.asks[script] =
        missing.isEmpty ? nil : .init(script: script, asked: asked, missing: missing)
      if !missing.isEmpty { state.isNew = true }
    }
    state.signal()
  }

  /// Asks until the process ends.
  func start(_ scheduler: Scheduler) throws {
    _ = try OSThread(name: "mw-prompt") { [self] in
      while true {
        state.wait(while: { !$0.isNew })
        scheduler.waitUntilNothingLoads()
        state.withLock { $0.isNew = false }
        if let question = question(scheduler.deniedScripts), ask(question) {
          scheduler.policyChanged()
        }
      }
    }
  }

  /// About the scripts that do not load for lack of a permission; nil if there is nothing new to ask.
  private func question(_ denied: [String]) -> PermissionQuestion? {
    state.withLock { state in
      let askers = denied.compactMap { state.asks[$0] }
        .filter { !$0.missing.isSubset(of: state.refused[$0.script] ?? [:]) }
      return askers.isEmpty ? nil : PermissionQuestion(askers: askers)
    }
  }

  /// Asks, and grants what is answered. Returns whether it has granted something.
  private func ask(_ question: PermissionQuestion) -> Bool {
    let columns = Output.columns(STDERR_FILENO) ?? 80
    let answer = self.answer(to: question.text(columns: columns)) { question.answer($0) } ?? .none
    var granted: [PermissionQuestion.Asker] = []
    switch answer {
    case .all: granted = question.askers
    case .none: break
    case .oneByOne:
      for asker in question.askers {
        let alone = PermissionQuestion(askers: [asker])
        if self.answer(to: asker.question, { alone.answer($0) }) == .all { granted.append(asker) }
      }
    }
    let refused = question.askers.filter { !granted.contains($0) }
    state.withLock { state in
      for asker in refused { state.refused[asker.script] = asker.missing }
    }
    if !refused.isEmpty {
      printError(
        "not granted, so not loaded: \(refused.map(\.script).joined(separator: ", ")). Later: moonwheel allow SCRIPT, or save the script with other permissions."
      )
    }
    return grant(granted)
  }

  /// Nil if nobody answers.
  private func answer(
    to text: String, _ read: (String) -> PermissionQuestion.Answer?
  ) -> PermissionQuestion.Answer? {
    guard TerminalInput.isPresent else { return nil }
    LogSink.standardError.drain()
    TerminalInput.discard()
    printError(text)
    while let line = TerminalInput.readLine() {
      if let answer = read(line) { return answer }
      printError(text)
    }
    return nil
  }

  private func grant(_ askers: [PermissionQuestion.Asker]) -> Bool {
    guard !askers.isEmpty else { return false }
    do throws(Failure) {
      for change in try PolicyWriter.grant(askers, book) { printError(change) }
      return true
    } catch {
      printError(error.message)
      return false
    }
  }
}

extension PermissionSet {
  fileprivate func isSubset(of other: PermissionSet) -> Bool {
    kinds.allSatisfy { kind in self[kind].allSatisfy(other[kind].contains) }
  }
}
