import JobStore
import MoonwheelModel

extension FunctionCall {
  /// The work of a function that does a command on keys: it answers with what `values` makes of the store's answer, unless
  /// that is a refusal.
  package func performing(
    _ command: KeyCommand, values: @escaping @Sendable (KeyAnswer) -> [Value]
  ) -> ModuleFunction.Work {
    let (environment, script, depth) = (environment, script, site.depth)
    return { answer in
      environment.perform(command, script: script, depth: depth) { result in
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
