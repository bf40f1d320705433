/// Functions that work on threads of their module, and those of several results.
extension ModuleFunction {
  /// What a function does after its call was accepted. It must not block either, and gives its answer some time.
  package typealias Work = @Sendable (CallAnswer) -> Void

  package struct Traits: Sendable {
    /// Scripts can call it while they load: then its work gives the answer before it returns.
    package var answersLoads = false
    /// Its arguments may have more bytes than a message that leaves a script.
    package var takesLargeArguments = false

    package init(answersLoads: Bool = false, takesLargeArguments: Bool = false) {
      self.answersLoads = answersLoads
      self.takesLargeArguments = takesLargeArguments
    }
  }

  /// A function that parks its run until its work gives the answer. The body checks the arguments, on the worker of the
  /// call, and throws as that of any function.
  package static func answering(
    _ name: String, _ arguments: [String] = [], _ traits: Traits = Traits(),
    _ body: @escaping @Sendable (FunctionCall) throws -> Work
  ) -> ModuleFunction {
    ModuleFunction(name, arguments, .answering(traits, body))
  }
}
