import LuaRuntime
import MoonwheelModel
import ScriptHost
import Synchronization

extension Scheduler {
  /// Sends an event to every script that handles or awaits it.
  ///
  /// Events of one sender arrive in order. Any thread; returns when the event is in the queues of its handlers. Throws
  /// if the name is invalid, the payload is too large, or a queue is full.
  public func emit(
    _ name: String, _ payload: Value = .nil, source: String = "host"
  ) throws(EmitError) {
    guard isEventName(name) else {
      throw EmitError(
        code: .invalidName,
        description:
          "\"\(name)\" is not the name of an event: names are parts with dots between, without spaces, * or |"
      )
    }
    guard accepts(payload) else {
      let limit = environment.configuration.limits.messageBytes
      throw EmitError(
        code: .tooLarge, description: "the payload of \"\(name)\" is larger than \(limit) bytes")
    }
    let event = Event(name: name, payload: payload, source: source)
    guard environment.bus.publish(event) == .accepted else {
      throw EmitError(
        code: .queueFull, description: "the queue of a handler of \"\(name)\" is full")
    }
  }

  /// Whether a value is small enough to be a message to a script.
  func accepts(_ value: Value) -> Bool {
    let limit = environment.configuration.limits.messageBytes
    return value.footprint <= limit || MessageWriter([value]).bytes.count <= limit
  }

  /// The events of scripts and of the host (`run.*`, `job.*`, `script.*`) that match a pattern, from now on.
  ///
  /// The stream holds the newest `limit` events for a slow reader; ``EventStream/dropped`` counts the older ones, which
  /// the reader loses. It ends when the scheduler has stopped.
  public func events(_ pattern: String, bufferingNewest limit: Int = 1_000) throws(PatternError)
    -> EventStream
  {
    EventStream(try EventPattern(pattern), limit: limit, of: environment.bus)
  }
}

/// The events that match a pattern, in the order in which they happened. For one reader.
public struct EventStream: AsyncSequence, Sendable {
  private final class DropCounter: Sendable {
    let count = Atomic<Int>(0)
  }

  private let stream: AsyncStream<Event>
  private let drops = DropCounter()

  init(_ pattern: EventPattern, limit: Int, of bus: EventBus) {
    let drops = drops
    stream = AsyncStream(bufferingPolicy: .bufferingNewest(limit)) { continuation in
      let observer = bus.observe(
        pattern,
        deliver: { event in
          if case .dropped = continuation.yield(event) {
            drops.count.wrappingAdd(1, ordering: .relaxed)
          }
        }, end: { continuation.finish() })
      continuation.onTermination = { _ in bus.stopObserving(observer) }
    }
  }

  /// How many events the reader has lost because it was too slow.
  public var dropped: Int { drops.count.load(ordering: .relaxed) }

  public func makeAsyncIterator() -> AsyncStream<Event>.Iterator { stream.makeAsyncIterator() }
}
