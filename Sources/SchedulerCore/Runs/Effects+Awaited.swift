import MoonwheelModel

extension Effects {
  /// Tells whoever waits for a pending run how it has ended.
  mutating func tellEnd(of run: PendingRun, _ outcome: Run.Outcome) {
    guard run.awaitedBy != 0 else { return }
    namedAnswers.append((run.awaitedBy, .ended(outcome)))
  }
}
