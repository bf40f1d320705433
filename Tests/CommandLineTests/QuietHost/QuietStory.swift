import Testing

/// A cause and its effect on a host where nothing else happens.
struct QuietStory: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var scripts: [String: String]
  var flags: [String]
  var cause = QuietLog.Line.Mark.printed("cause")
  var action: QuietHost.Action?
  /// Seconds from the line "cause", or from the action, to the line "effect", or to the end of the host.
  var after: Double
  var endsHost: Bool

  /// `kick` is the body of a job that runs after two seconds. The action follows the line "acts".
  init(
    _ description: String, _ script: String = "", kick: String = "", other: String? = nil,
    after: Double = 0, flags: [String] = [],
    action: QuietHost.Action? = nil, endsHost: Bool = false
  ) {
    testDescription = description
    let kicking = "after('2s', { name = 'kick' }, function(run) \(kick) end)"
    scripts = ["a.lua": script + "\n" + (kick.isEmpty ? "" : kicking)]
    if let other { scripts["b.lua"] = other }
    self.flags = flags
    self.action = action
    self.after = after
    self.endsHost = endsHost
  }
}

extension QuietStory {
  /// A story of a job that prints nothing: the cause is the start of its first run.
  fileprivate init(
    silent description: String, _ script: String, after: Double = 0, flags: [String] = []
  ) {
    self.init(
      description, script, after: after,
      flags: flags + ["--log-events", "run.started|script.loaded"])
    cause = .event("run.started")
  }

  private static let effect = "function() print('effect') end"

  static let all = waits + events + promises + hooks + outside

  private static let waits = [
    QuietStory("a sleep ends", kick: "print('cause') sleep('300ms') print('effect')", after: 0.3),
    QuietStory(
      "a sleep ends after another wait",
      kick: "wait('never', '50ms') print('cause') run:sleep('300ms') print('effect')", after: 0.3),
    QuietStory(
      "a wait for an event ends by its timeout",
      kick: "print('cause') wait('never', '300ms') print('effect')", after: 0.3),
    QuietStory(
      "a wait ends by an event of another script",
      "after('1s', { name = 'waits' }, function() wait('go') print('effect') end)",
      other: "after('2s', { name = 'kick' }, function() print('cause') emit('go') end)"),
    QuietStory(
      "a wait ends by the end of a run that is under way when it begins",
      """
      after('1s', { name = 'slow' }, function() sleep('1s') print('cause') end)
      after('1500ms', { name = 'waits' }, function() wait('run.succeeded') print('effect') end)
      """),
    QuietStory(
      "a coroutine of a run with a state of its own goes on",
      "after('2s', { name = 'own', isolate = 'run' }, function() print('cause') sleep('300ms') print('effect') end)",
      after: 0.3),
  ]

  private static let events = [
    QuietStory(
      "an event of a run that ends is handled", "on('go', { name = 'h' }, \(effect))",
      kick: "emit('go') print('cause')"),
    QuietStory(
      "an event is handled in another script while its sender computes",
      "after('2s', { name = 'kick' }, function() print('cause') emit('go') for i = 1, 3e8 do end end)",
      other: "on('go', { name = 'h' }, \(effect))"),
    QuietStory(
      "an event is handled in another script while its sender is busy in C",
      "after('2s', { name = 'kick', timeout = '2s' }, function() print('cause') emit('go') string.rep('', 1e9) end)",
      other: "on('go', { name = 'h' }, \(effect))"),
    QuietStory(
      "the end of a run is an event", "on('run.succeeded', { name = 'h' }, \(effect))",
      kick: "print('cause')"),
    QuietStory(
      "the failure of a run with a state of its own is an event",
      """
      on('run.failed', { name = 'h' }, \(effect))
      after('2s', { name = 'own', isolate = 'run' }, function() print('cause') error('it fails') end)
      """),
    QuietStory(
      "events are gathered for a while",
      "on('go', { name = 'h', debounce = '300ms' }, \(effect))", kick: "emit('go') print('cause')",
      after: 0.3),
    QuietStory(
      "a handler takes its second event when the first run is over",
      """
      on('go', { name = 'h' }, function(event)
        if event.payload == 2 then print('effect') return end
        sleep('300ms') print('cause')
      end)
      """, kick: "emit('go', 1) emit('go', 2)"),
    QuietStory(
      "a chain of events goes through",
      "on('one', { name = 'h' }, function() emit('two') end) on('three', { name = 'i' }, \(effect))",
      kick: "print('cause') emit('one')",
      other: "on('two', { name = 'h' }, function() emit('three') end)"),
  ]

  private static let promises = [
    QuietStory(
      "a promise is acknowledged", "local j = job('j', { run = function() end })",
      kick: "print('cause') j:trigger() print('effect')"),
    QuietStory(
      "a promised run begins", "local j = job('j', { run = \(effect) })",
      kick: "j:trigger() print('cause')"),
    QuietStory(
      "a promise for later is kept", "local j = job('j', { run = \(effect) })",
      kick: "print('cause') j:after('300ms')", after: 0.3),
    QuietStory(
      "a second promise begins when the first is over",
      """
      local j = job('j', { run = function(run)
        if run.n == 2 then print('effect') return end
        sleep('300ms') print('cause')
      end })
      """, kick: "j:trigger() j:trigger()"),
    QuietStory(
      "a pause is acknowledged", "local j = every('1h', { name = 'j' }, print)",
      kick: "print('cause') j:pause('for once') print('effect')"),
    QuietStory(
      "a job goes on after a pause, and catches up",
      "local j = every('1s', { name = 'j', catchup = 'latest' }, function(run) if run.n > 1 then print('effect') end end)",
      kick: "j:pause() sleep('1500ms') print('cause') j:resume()"),
    QuietStory(
      "the pause of a script is over",
      "local j = job('j', { run = \(effect) })",
      kick: "scheduler.pause() sleep('300ms') print('cause') scheduler.resume() j:trigger()"),
    QuietStory(
      "a fixed delay counts from the end",
      """
      every('1s', { name = 'j', fixed_delay = true }, function(run)
        if run.n == 2 then print('effect') end
        if run.n == 1 then sleep('300ms') print('cause') end
      end)
      """, after: 1),
    QuietStory(
      "a function is asked for the next fire when it is time",
      """
      job('j', { on = trigger(function(last) return (last or now()) + 1.5 end), run = function(run)
        print(run.n == 1 and 'cause' or run.n == 2 and 'effect' or 'more')
      end })
      """, after: 1.5),
    QuietStory(
      "a fire that replaces a run ends it",
      """
      every('2s', { name = 'j', overlap = 'replace' }, function(run)
        if run.n == 2 then print('effect') return end
        local _ <close> = setmetatable({}, { __close = function() print('cause') end }) sleep('1h')
      end)
      """),
  ]

  /// The ends of runs that have no other effect, as most have.
  private static let hooks = [
    QuietStory(
      silent: "a hook of a run that does nothing",
      "every('2s', { name = 'j', on_success = \(effect) }, function() end)"),
    QuietStory(
      silent: "a hook of a run that only sleeps",
      "every('2s', { name = 'j', on_success = \(effect) }, function() sleep('300ms') end)",
      after: 0.3
    ),
    QuietStory(
      silent: "a hook where nothing is kept on the disk",
      "after('2s', { name = 'j', on_success = \(effect) }, function() end)",
      flags: ["--store", "memory"]),
    QuietStory(
      silent: "a hook where there is one worker",
      "after('2s', { name = 'j', on_success = \(effect) }, function() end)",
      flags: ["--workers", "1"]),
    QuietStory(
      silent: "a hook of a job with a priority",
      "every('2s', { name = 'j', priority = 5, on_success = \(effect) }, function() end)"),
    QuietStory(
      "a handler ends for good after many events",
      """
      on('go', { name = 'h' }, function(event)
        if event.payload < 300 then return end
        print('cause')
        return cancel
      end)
      on('job.finished', { name = 'i' }, function(event)
        if event.payload.job == 'h' then print('effect') end
      end)
      """, kick: "for i = 1, 300 do emit('go', i) end"),
  ]

  private static let outside = [
    QuietStory(
      "a script that is new is loaded", kick: "print('acts')", after: 0.1,
      action: .write("b.lua", "every('1h', { name = 'new', now = true }, \(effect))")),
    QuietStory(
      "an edit takes effect while a run of the old version waits",
      kick: "print('acts') sleep('2s')", after: 0.1,
      action: .write("a.lua", "every('1h', { name = 'new', now = true }, \(effect))")),
    // The host closes its store before it ends, and waits for the disk several times.
    QuietStory(
      "the host ends with its last run", kick: "print('acts') sleep('300ms') print('cause')",
      after: 0.5,
      action: .stop, endsHost: true),
  ]
}
