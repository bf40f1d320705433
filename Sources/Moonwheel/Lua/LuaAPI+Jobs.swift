import LuaRuntime
import MoonwheelModel
import Triggers

extension LuaAPI {
  /// Registration: `every`, `cron`, `at`, `after`, `on`, `job`, `defaults`, and trigger values.
  static let jobs: [HostFunction] = [
    function(
      "register", ["word", "spec", "options", "callback"], acceptsCallbacks: true,
      registering(.value(.job(JobHandle(index: .max, reuse: 0)))) { (call) throws(Mistake) in
        guard call.isolate.current?.request == nil else {
          throw Mistake("a trigger function registers no jobs: it says when its own job fires")
        }
        let word = try call.text(0, "the trigger word")
        if let handle = try registerSimple(word, call) { return .value(.job(handle)) }
        let request = word == "job" ? try longForm(call) : try shortForm(word, call)
        return .value(.job(try register(request, call.isolate)))
      }),
    function(
      "check_trigger", ["trigger"], acceptsCallbacks: true,
      registering(.value(.string(MistakeList.badTrigger))) { (call) throws(Mistake) in
        let isolate = call.isolate
        let options = try OptionReader(.nil, defaults: isolate.registry.defaults)
        let reader = TriggerReader(
          engine: isolate.engine, key: isolate.name, now: isolate.engine.clock.read().wall)
        return .value(.string(try reader.trigger(call[0], options: options).text))
      }),
    function("trigger_next", ["trigger", "after"]) { (call) throws(Mistake) in
      let isolate = call.isolate
      let now = isolate.engine.clock.read().wall
      let reader = TriggerReader(engine: isolate.engine, key: isolate.name, now: now)
      let options = try OptionReader(.nil, defaults: isolate.registry.defaults)
      guard case .time(let trigger) = try reader.trigger(call[0], options: options) else {
        throw Mistake("next: nobody knows when an event comes")
      }
      let after = try call[1].isNil ? now : Timestamp(call[1], "next")
      let next = trigger.next(after: after, anchor: after)
      return .value(next.map { .number($0.luaSeconds) } ?? .nil)
    },
    function(
      "defaults", ["options"], acceptsCallbacks: true,
      registering(.nothing) { (call) throws(Mistake) in
        let isolate = call.isolate
        let options = try OptionReader.defaults(call[0])
        let reader = OptionReader(options, defaults: Options())
        if let bytes = try reader.memory(isolate.engine.configuration) {
          isolate.setMemory(bytes)
        }
        isolate.registry.defaults.merge(options)
        return .nothing
      }),
    function("jobs", ["tag"]) { (call) throws(Mistake) in
      let tag = call[0].isNil ? nil : try call.text(0, "the tag")
      return .value(.list(call.isolate.registry.handles(tagged: tag).map { .job($0) }))
    },
    function("job_named", ["name"]) { (call) throws(Mistake) in
      let name = try call.text(0, "the name of a job")
      return .value(call.isolate.registry.handle(named: name).map { .job($0) } ?? .nil)
    },
  ]

  private struct Request {
    var trigger: (TriggerReader) throws(Mistake) -> JobTrigger
    var options: OptionReader
    var callback: CallbackID
    /// What stands for the job in what is hashed, if it has no name.
    var key: String
    /// Word and spec of one without options.
    var simple: (word: String, spec: String)?
  }

  /// `every(spec, [options], callback)`
  private static func shortForm(_ word: String, _ call: HostCall) throws(Mistake) -> Request {
    let count = call.arguments.count
    guard case .callback(let callback) = call[count - 1] else {
      throw Mistake(
        "\(word): the callback is \(call[count - 1].described); is its name spelled right, and is it defined above?"
      )
    }
    guard (3...4).contains(count) else {
      throw Mistake(
        "\(word) takes a spec, options if you like, and a function, not \(count - 1) arguments")
    }
    let spec = call[1]
    if case .callback = spec, word != "trigger" {
      throw Mistake("\(word) takes a spec first, and then a function")
    }
    let options = try OptionReader(
      count == 4 ? call[2] : .nil, defaults: call.isolate.registry.defaults)
    return Request(
      trigger: { (reader) throws(Mistake) in
        try reader.trigger(word: word, spec: spec, options: options)
      }, options: options, callback: callback, key: spec.text ?? word,
      simple: count == 3 ? spec.text.map { (word, $0) } : nil)
  }

  /// `job(name, { on = trigger, run = callback, ... })`
  private static func longForm(_ call: HostCall) throws(Mistake) -> Request {
    let name = try call.text(1, "the name of a job")
    let options = try OptionReader(
      call[2], defaults: call.isolate.registry.defaults, extra: ["on", "run"])
    guard case .callback(let callback) = options.options["run"] ?? .nil else {
      throw Mistake(
        "job \"\(name)\": run must be a function, not \((options.options["run"] ?? .nil).described)"
      )
    }
    if let other = options.options["name"], other != .string(name) {
      throw Mistake("job \"\(name)\" has the option name = \(other.described): one name is enough")
    }
    var named = options.options
    named["name"] = .string(name)
    for key in ["on", "run"] { named[key] = nil }
    let on = options.options["on"] ?? .nil
    let rest = OptionReader(named, defaults: options.defaults)
    return Request(
      trigger: { (reader) throws(Mistake) in
        on.isNil ? .onDemand : try reader.trigger(on, options: rest)
      }, options: rest, callback: callback, key: name)
  }

  private static func register(
    _ request: Request, _ isolate: ScriptIsolate
  ) throws(Mistake) -> JobHandle {
    let engine = isolate.engine
    try refuseInPrivateIsolate(isolate)
    let given = try request.options.text("name")
    let key = given ?? isolate.registry.key(for: request.key)
    let reader = TriggerReader(
      engine: engine, key: "\(isolate.name):\(key)", now: engine.clock.read().wall)
    let trigger = try request.trigger(reader)
    var policy = try request.options.policy(
      for: trigger, named: given != nil, engine.configuration)
    policy.window = try reader.window(request.options, for: trigger)
    if !isolate.isLoading { try keepInScript(&policy, request.options) }
    let functions = try request.options.functions(with: trigger)
    let shared = isolate.registry.share(policy)
    if let (word, spec) = request.simple { isolate.registry.noteSimple(word, spec, trigger, shared) }
    return try enter(
      NewJob(
        name: given, trigger: trigger, text: trigger.text, policy: shared,
        callback: request.callback, functions: functions), isolate)
  }

  /// The short way for a job that has a length of time and nothing else; nil for another.
  private static func registerSimple(
    _ word: String, _ call: HostCall
  ) throws(Mistake) -> JobHandle? {
    guard call.arguments.count == 3, case .string(let spec) = call.arguments[1],
      case .callback(let callback) = call.arguments[2],
      let simple = call.isolate.registry.simpleJob(word, spec)
    else { return nil }
    let isolate = call.isolate
    try refuseInPrivateIsolate(isolate)
    let handle = try enter(
      NewJob(
        trigger: simple.trigger, text: simple.text, policy: simple.policy, callback: callback),
      isolate)
    // Many more like it may follow, in a loop. Some at a time, since the host is not preempted while it takes them.
    if isolate.isLoading, isolate.privateRun == nil, !isolate.registry.isRebinding,
      !isolate.engine.isSimulated
    {
      let limit = min(1_024, isolate.engine.configuration.jobLimit - isolate.registry.count)
      isolate.isolate?.expectRepeats(
        from: JobHandle(index: handle.index + 1, reuse: 0), atMost: limit)
    }
    return handle
  }

  private static func refuseInPrivateIsolate(_ isolate: ScriptIsolate) throws(Mistake) {
    guard isolate.isLoading || isolate.privateRun == nil else {
      throw Mistake(
        "a job cannot be registered here: this run has a state of its own (isolate = \"run\"), which goes when it ends; register the job while the script loads"
      )
    }
  }

  private struct NewJob {
    /// Nil for one that is derived.
    var name: String?
    var trigger: JobTrigger
    /// Of the trigger.
    var text: String
    var policy: SharedPolicy
    var callback: CallbackID
    var functions: JobFunctions?
  }

  /// Makes a job known to its script, and hands it on.
  private static func enter(
    _ job: NewJob, _ isolate: ScriptIsolate
  ) throws(Mistake) -> JobHandle {
    if isolate.registry.isRebinding {
      return isolate.registry.rebind(
        name: job.name, trigger: job.text, callback: job.callback, functions: job.functions)
        ?? JobHandle(index: .max, reuse: 0)
    }
    let name = try freeName(for: job, isolate)
    try refusePatterns(of: job.trigger, isolate)
    let caller = isolate.caller()
    let isDynamic = !isolate.isLoading
    let handle = isolate.registry.add(
      JobRegistry.Entry(
        name: name.text, policy: job.policy, callback: job.callback, functions: job.functions,
        isHandler: job.trigger.isEvent, isDynamic: isDynamic,
        position: isolate.registry.share(caller?.position ?? isolate.name), reuse: 0,
        pattern: job.trigger.pattern), name)
    isolate.register(
      Registration(
        handle: handle, name: name.text, trigger: job.trigger, policy: job.policy,
        callback: job.callback, line: caller?.line ?? 0, isDynamic: isDynamic,
        isNamed: job.name != nil))
    return handle
  }

  static func refusePatterns(
    of trigger: JobTrigger, _ isolate: ScriptIsolate
  ) throws(Mistake) {
    guard let pattern = trigger.pattern, !isolate.registry.hasRoom(for: pattern) else { return }
    throw Mistake(
      "a script's handlers may have \(PatternQuota.most) different patterns at most, each alternative counted; handle a plain name, or fewer patterns"
    )
  }

  /// A state of its own for each run is loaded from the script's text, which does not have what a callback registers.
  private static func keepInScript(
    _ policy: inout JobPolicy, _ options: OptionReader
  ) throws(Mistake) {
    guard policy.isolatesRuns else { return }
    guard !options.isOwn("isolate") else {
      throw Mistake(
        "isolate = \"run\" goes with a job that the script registers while it loads: each run loads the script anew"
      )
    }
    policy.isolatesRuns = false
    policy.memory = nil
  }

  private static func freeName(
    for job: NewJob, _ isolate: ScriptIsolate
  ) throws(Mistake) -> JobRegistry.FreeName {
    guard isolate.isLoading || isolate.mayPost else {
      throw Mistake(
        "\(InputQuota.most) jobs were registered at once, and the scheduler has not taken them yet; register fewer at a time"
      )
    }
    let limit = isolate.engine.configuration.jobLimit
    guard isolate.registry.count < limit else {
      throw Mistake("a script may have at most \(limit) jobs at once")
    }
    guard let name = job.name else { return isolate.registry.derivedName(job.text) }
    let (free, taken) = isolate.registry.free(name)
    guard let free else {
      throw Mistake(
        "the name \"\(name)\" is taken by the job at \(taken); give one of them another name")
    }
    return free
  }
}

extension JobTrigger {
  /// Of events.
  var pattern: EventPattern? {
    if case .event(let pattern) = self { pattern } else { nil }
  }
}
