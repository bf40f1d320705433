import JobStore
import MoonwheelModel

/// Does a command on keys, and passes on what the store answers.
typealias KeyAccess =
  @Sendable (KeyCommand, @escaping @Sendable (Result<KeyAnswer, StoreError>) -> Void) -> Void

extension FunctionCall {
  /// The work of a function that does a command on keys: it answers with what `values` makes of the store's answer, unless
  /// that is a refusal.
  package func performing(
    _ command: KeyCommand, values: @escaping @Sendable (KeyAnswer) -> [Value]
  ) -> ModuleFunction.Work {
    let keys = keys
    return { answer in
      keys(command) { result in
        switch result {
        case .success(.refused(let refusal)):
          answer.fail(Refusal(refusal.message, code: refusal.code.rawValue))
        case .success(let found): answer.give(values(found))
        case .failure(let error): answer.fail(Refusal(error.description, code: "store"))
        }
      }
    }
  }
}
