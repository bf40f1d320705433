import Triggers

/// Selects the instants of a trigger that count, and bounds how far after them a fire may be.
public struct FireWindow: Sendable, Hashable {
  /// The first instant. A period counts from it.
  public var from: Timestamp?
  /// The text of `from` where it is relative to the present, such as `18:00`: it is resolved once.
  public var fromText: String?
  /// The first instant, in nanoseconds after the first registration.
  public var fromAfter: Int64?
  /// The last instant.
  public var till: Timestamp?
  /// The text of `till` where it is relative to the present; as `fromText`.
  public var tillText: String?
  /// The last instant, in nanoseconds after the first registration.
  public var tillAfter: Int64?
  /// The number of fires after which the job ends.
  public var times: Int64?
  /// The longest random delay after the nominal instant, in nanoseconds.
  public var jitter: Int64 = 0
  /// The seed of the delay, together with the job's name and the nominal instant.
  public var seed: UInt64 = 0

  public init() {}

  /// True if every instant counts and no fire is delayed.
  public var isOpen: Bool {
    from == nil && fromAfter == nil && till == nil && tillAfter == nil && times == nil
      && jitter == 0
  }

  /// A text that is equal for equal windows. Jitter is not part of it, since it moves no nominal instant.
  package var identity: String {
    func bound(_ word: String, _ text: String?, _ at: Timestamp?, _ after: Int64?) -> String? {
      if let text { return "\(word) \(text)" }
      if let at { return "\(word) \(at.nanoseconds)" }
      return after.map { "\(word) +\($0)" }
    }
    let parts = [
      bound("from", fromText, from, fromAfter), bound("till", tillText, till, tillAfter),
      times.map { "times \($0)" },
    ]
    return parts.compactMap(\.self).joined(separator: "; ")
  }

  /// Copies the instants of texts that are relative to the present from a window with equal texts.
  func resolved(as before: FireWindow) -> FireWindow {
    var window = self
    if fromText != nil, fromText == before.fromText { window.from = before.from }
    if tillText != nil, tillText == before.tillText { window.till = before.till }
    return window
  }

  /// True if a fire at the instant counts, for a job with this time of registration that has fired `fires` times.
  package func contains(_ instant: Timestamp, after fires: Int64, registered: Timestamp) -> Bool {
    if let times, fires >= times { return false }
    if let till, instant > till { return false }
    if let tillAfter, instant > registered.advanced(by: tillAfter) { return false }
    return true
  }

  /// The first instant that counts; nil if every instant after the registration does.
  package func start(registered: Timestamp) -> Timestamp? {
    let start = from ?? fromAfter.map { registered.advanced(by: $0) }
    return start.flatMap { $0 > registered ? $0 : nil }
  }

  /// The first nominal fire of a job that is registered now; nil if it has none.
  public func firstFire(of trigger: Trigger, registered: Timestamp) -> Timestamp? {
    var first = trigger.next(after: registered, anchor: registered)
    if let start = start(registered: registered) {
      first = trigger.next(after: start.advanced(by: -1), anchor: registered)
      if case .every = trigger { first = start }
    }
    guard let first, contains(first, after: 0, registered: registered) else { return nil }
    return first
  }

  /// The instant to pass to a trigger function so that it returns its first instant in the window; nil if that is now.
  /// It is a microsecond before the start, since Lua numbers hold nothing finer.
  public func requestBeforeStart(registered: Timestamp) -> Timestamp? {
    start(registered: registered)?.advanced(by: -1_000)
  }
}
