import MoonwheelModel
import Synchronization

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

/// A request that is kept until its run has ended.
public struct AfterRun: Sendable {
  private let id: Int64
  private let resource: RunResource
  private let requests: AfterRunRequests

  /// `keep` is given what the run holds for it.
  init(
    _ request: AfterRunRequest, in requests: AfterRunRequests, keep: (RunResource) -> Void
  ) {
    id = request.id
    self.requests = requests
    let box = ResourceBox()
    resource = RunResource(request.kind) { requests.begin(request.id) { box.end() } }
    box.set(resource)
    keep(resource)
  }

  /// Takes it back. No effect if it is being done, or is done.
  public func cancel() {
    guard requests.take(id) else { return }
    requests.remove(id)
    resource.end()
  }

  /// Does it now.
  public func perform() { resource.release() }
}

/// A resource that its own release must reach.
private final class ResourceBox: Sendable {
  private let resource = Mutex<RunResource?>(nil)

  func set(_ new: RunResource) { resource.withLock { $0 = new } }

  /// Ends the resource, once.
  func end() {
    let ended = resource.withLock { resource in
      defer { resource = nil }
      return resource
    }
    ended?.end()
  }
}
