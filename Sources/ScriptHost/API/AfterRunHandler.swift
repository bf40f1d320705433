import MoonwheelModel

/// What does the requests of one kind that functions of a module leave for after their run: see
/// ``FunctionCall/afterRun(_:_:)``.
public struct AfterRunHandler: Sendable {
  /// Begins with the name of the module: `http.on_end`.
  public let kind: String
  let body: @Sendable (AfterRunRequest) async throws -> Void

  /// `body` may be called more than once for one request, in this process or in a later one. If it throws, it is called
  /// again: after 1 s, 10 s and a minute, and then at the next start of the host. Its task is cancelled when the host stops.
  public init(_ kind: String, _ body: @escaping @Sendable (AfterRunRequest) async throws -> Void) {
    self.kind = kind
    self.body = body
  }
}
