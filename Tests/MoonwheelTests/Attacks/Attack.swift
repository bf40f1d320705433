import Testing

/// A hostile callback, and how its run may end.
struct Attack: Sendable {
  /// How a run ended, from the name of the host event.
  enum Outcome: String, Sendable {
    case succeeded, failed, dropped, evicted
    case timedOut = "timed_out"
  }

  var name: String
  var outcomes: Set<Outcome>
  /// The body of the callback.
  var source: String
  /// Lua code before the job.
  var preamble = ""

  init(_ name: String, _ outcomes: Outcome..., preamble: String = "", source: String) {
    self.name = name
    self.outcomes = Set(outcomes)
    self.source = source
    self.preamble = preamble
  }

  /// The script: a job on demand with the attack, and a second job that shows that the script still works.
  func script(_ number: Int) -> String {
    """
    local began, alive = began, alive
    on("alive.\(number)", { name = "alive" }, function() alive(\(number)) end)
    \(preamble)
    on("attack.\(number)", { name = "attack", timeout = { soft = "200ms", hard = "300ms" } }, function()
      began(\(number));
    \(source)
    end)
    """
  }
}

/// Attacks that share one scheduler.
struct AttackGroup: Sendable, CustomTestStringConvertible {
  var name: String
  var attacks: [Attack]

  var testDescription: String { name }

  static let all: [AttackGroup] = [
    AttackGroup(name: "loops", attacks: Attack.loops),
    AttackGroup(name: "protected calls", attacks: Attack.protectedCalls),
    AttackGroup(name: "metamethods", attacks: Attack.metamethods),
    AttackGroup(name: "coroutines", attacks: Attack.coroutines),
    AttackGroup(name: "patterns", attacks: Attack.patterns),
    AttackGroup(name: "loops in C", attacks: Attack.loopsInC),
    AttackGroup(name: "hidden", attacks: Attack.hidden),
    AttackGroup(name: "memory", attacks: Attack.memory),
    AttackGroup(name: "floods", attacks: Attack.floods),
    AttackGroup(name: "escapes", attacks: Attack.escapes),
  ]
}
