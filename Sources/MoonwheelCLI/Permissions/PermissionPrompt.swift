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
  func start(_ permissions: PermissionState) throws {
    _ = try OSThread(name: "mw-prompt") { [self] in
      while true {
        state.wait(while: { !$0.isNew })
        permissions.waitUntilNothingLoads()
        state.withLock { $0.isNew = false }
        guard let question = question(permissions.deniedScripts) else { continue }
        let granted = ask(question)
        if grant(granted) { permissions.policyChanged() }
        // Somebody else may have granted it meanwhile.
        let denied = permissions.deniedScripts
        refuse(question.askers.filter { !granted.contains($0) && denied.contains($0.script) })
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

  /// Asks, and returns to whom the answer grants.
  private func ask(_ question: PermissionQuestion) -> [PermissionQuestion.Asker] {
    let columns = Output.columns(STDERR_FILENO) ?? 80
    switch answer(to: question.text(columns: columns), question.answer) {
    case .all: return question.askers
    case .some(.none), nil: return []
    case .oneByOne:
      return question.askers.filter { asker in
        answer(to: asker.question, PermissionQuestion(askers: [asker]).answer) == .all
      }
    }
  }

  private func refuse(_ askers: [PermissionQuestion.Asker]) {
    guard !askers.isEmpty else { return }
    state.withLock { state in
      for asker in askers { state.refused[asker.script] = asker.missing }
    }
    let names = askers.map(\.script).joined(separator: ", ")
    printError(
      "not granted, so not loaded: \(names). Later: moonwheel allow SCRIPT, or save the script with other permissions."
    )
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
