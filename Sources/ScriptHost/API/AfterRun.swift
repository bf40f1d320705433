import MoonwheelModel

/// A request that is kept until its run has ended.
public struct AfterRun: Sendable {
  private let resource: RunResource
  private let takeBack: @Sendable () -> Bool

  init(_ resource: RunResource, takeBack: @escaping @Sendable () -> Bool) {
    self.resource = resource
    self.takeBack = takeBack
  }

  /// Takes it back. No effect if it is being done, or is done.
  public func cancel() {
    if takeBack() { resource.end() }
  }

  /// Does it now.
  public func perform() { resource.release() }
}

/// Stores a request of a call for after its run.
typealias AfterRunStorage = @Sendable (_ kind: String, Value) async throws(Refusal) -> AfterRun
