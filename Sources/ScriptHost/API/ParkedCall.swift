import JobStore
import MoonwheelModel

/// A call whose run waits until somebody answers, once. If the run has ended by then, the answer is left out.
package struct ParkedCall: Sendable {
  private let wake: @Sendable ([Value]) -> Void
  private let command:
    @Sendable (KeyCommand, @escaping @Sendable (Result<KeyAnswer, StoreError>) -> Void) -> Void

  init(
    wake: @escaping @Sendable ([Value]) -> Void,
    command:
      @escaping @Sendable (
        KeyCommand, @escaping @Sendable (Result<KeyAnswer, StoreError>) -> Void
      ) -> Void
  ) {
    self.wake = wake
    self.command = command
  }

  package func answer(_ values: [Value]) { wake(values) }

  /// The script gets `nil, message, code`.
  package func refuse(_ message: String, code: String) {
    wake([.nil, .string(message), .string(code)])
  }

  /// Does a command on keys, and answers with what `values` makes of its answer, as far as that is not a refusal.
  package func perform(
    _ command: KeyCommand, values: @escaping @Sendable (KeyAnswer) -> [Value]
  ) {
    self.command(command) { [self] result in
      switch result {
      case .success(.refused(let refusal)):
        refuse(refusal.message, code: refusal.code.rawValue)
      case .success(let answer): wake(values(answer))
      case .failure(let error): refuse(error.description, code: "store")
      }
    }
  }
}
