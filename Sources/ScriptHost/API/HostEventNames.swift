import MoonwheelModel
import Triggers

/// The names of the host's own events.
enum HostEventNames {
  private static let others: Set<String> = [
    "scheduler.started", "scheduler.stopping", "scheduler.clock_stepped", "scheduler.degraded",
    "scheduler.recovered", "script.loaded", "script.reloaded", "script.failed", "script.unloaded",
    "script.paused",
  ]

  /// By the first part of the name, with its dot.
  static let all = Dictionary(grouping: HostEvent.names.union(others).sorted()) { kind(of: $0) }

  private static func kind(of name: String) -> String { name.prefix { $0 != "." } + "." }

  /// Says that a handler's name is nearly that of an event of the host, which a script would wait for in vain; nil if it
  /// is not. Scripts may have events of their own with such beginnings, so other names are left alone.
  static func advice(_ pattern: EventPattern) -> String? {
    guard let name = pattern.literal else { return nil }
    let kind = kind(of: name)
    guard let names = all[kind], !names.contains(name),
      let near = Spelling.nearest(to: name, in: names)
    else { return nil }
    // The part that they share must not make up for a last part that is another word.
    let (own, meant) = (String(name.dropFirst(kind.count)), String(near.dropFirst(kind.count)))
    guard meant.hasPrefix(own) || Spelling.nearest(to: own, in: [meant]) != nil else { return nil }
    return "no event of the host is called \"\(name)\", did you mean \"\(near)\"?"
  }
}
