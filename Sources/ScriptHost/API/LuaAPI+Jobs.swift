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
        if let handle = try registerOptionless(word, call) { return .value(.job(handle)) }
        let request = word == "job" ? try longForm(call) : try shortForm(word, call)
        return .value(.job(try register(request, call.isolate)))
      }),
    function(
      "check_trigger", ["trigger"], acceptsCallbacks: true,
      registering(.value(.string(MistakeList.badTrigger))) { (call) throws(Mistake) in
        LoadInProgress.noteTrigger(call)
        return .value(.string(try TriggerReader(call.isolate).trigger(call[0]).text))
      }),
    function("trigger_next", ["trigger", "after"]) { (call) throws(Mistake) in
      let reader = TriggerReader(call.isolate)
      guard case .time(let trigger) = try reader.trigger(call[0]) else {
        throw Mistake("next: the time of an event is not known in advance")
      }
      let after = try call[1].isNil ? reader.now : Timestamp(call[1], "next")
      let next = trigger.next(after: after, anchor: after)
      return .value(next?.luaValue ?? .nil)
    },
    function(
      "defaults", ["options"], acceptsCallbacks: true,
      registering(.nothing) { (call) throws(Mistake) in
        let isolate = call.isolate
        let reader = try OptionReader(ofDefaults: call[0])
        isolate.warn(reader.warning)
        if let bytes = try reader.memory(isolate.environment.configuration) {
          isolate.setMemory(bytes)
        }
        let (options, formerly) = try reader.withoutFormerNames()
        try isolate.registry.addFormerNames(formerly)
        try isolate.setDefaults(isolate.registry.defaults.merged(with: options))
        return .nothing
      }),
    function("jobs", ["tag"], taggedJobs),
    function("job_named", ["name"]) { (call) throws(Mistake) in
      let name = try call.text(0, "the name of a job")
      return .value(call.isolate.registry.handle(named: name).map { .job($0) } ?? .nil)
    },
  ]

  /// All jobs, or those with a tag.
  static func taggedJobs(_ call: HostCall) throws(Mistake) -> HostReply {
    let tag = call[0].isNil ? nil : try call.text(0, "the tag")
    return .value(.list(call.isolate.registry.handles(tagged: tag).map { .job($0) }))
  }

  /// One registration as the script wrote it.
  private struct Request {
    var trigger: (TriggerReader) throws(Mistake) -> JobTrigger
    var options: OptionReader
    var callback: CallbackID
    /// Identifies the job in hashes and random numbers if it has no name.
    var key: String
    /// Word and spec of a job without options.
    var optionless: (word: String, spec: String)?
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
      optionless: count == 3 ? spec.text.map { (word, $0) } : nil)
  }

  /// `job(name, { on = trigger, run = callback, ... })`
  private static func longForm(_ call: HostCall) throws(Mistake) -> Request {
    let name = try call.text(1, "the name of a job")
    let options = try OptionReader(
      call[2], defaults: call.isolate.registry.defaults, extra: ["on", "run"])
    let callback = try (options.options["run"] ?? .nil).read(
      "job \"\(name)\": run", as: "a function", \.callback)
    if let other = options.options["name"], other != .string(name) {
      throw Mistake("job \"\(name)\" has the option name = \(other.described): one name is enough")
    }
    var named = options.options
    named["name"] = .string(name)
    for key in ["on", "run"] { named[key] = nil }
    let on = options.options["on"] ?? .nil
    let rest = OptionReader(
      options: named, defaults: options.defaults, warning: options.warning)
    return Request(
      trigger: { (reader) throws(Mistake) in
        on.isNil ? .onDemand : try reader.trigger(on, options: rest)
      }, options: rest, callback: callback, key: name)
  }

  private static func register(
    _ request: Request, _ isolate: ScriptIsolate
  ) throws(Mistake) -> JobHandle {
    let environment = isolate.environment
    try refuseInPrivateIsolate(isolate)
    isolate.warn(request.options.warning)
    let given = try environment.secrets.checkedName(request.options.text("name"))
    let key = given ?? isolate.registry.key(for: request.key)
    let reader = TriggerReader(isolate, job: key)
    let trigger = try request.trigger(reader)
    if case .event(let pattern) = trigger { isolate.warn(HostEventNames.advice(pattern)) }
    var policy = try request.options.policy(
      for: trigger, named: given != nil, environment.configuration)
    policy.window = try reader.window(request.options, for: trigger)
    policy.ping = try request.options.ping(isolate.permissions)
    if !isolate.isLoading { try useScriptIsolate(&policy, request.options) }
    let functions = try request.options.functions(with: trigger)
    let shared = try isolate.registry.share(policy) { (bytes) throws(Mistake) in
      try isolate.memory.holdOption(bytes, isolate.isolate)
    }
    if let (word, spec) = request.optionless {
      isolate.registry.rememberOptionless(word, spec, trigger, shared)
    }
    return try add(
      NewJob(
        name: given, trigger: trigger, text: trigger.text, policy: shared,
        callback: request.callback, functions: functions), isolate)
  }

  /// Registers a job whose only argument besides the callback is a duration, as `every("10s", f)`. Nil for other jobs.
  private static func registerOptionless(
    _ word: String, _ call: HostCall
  ) throws(Mistake) -> JobHandle? {
    guard call.arguments.count == 3, case .string(let spec) = call.arguments[1],
      case .callback(let callback) = call.arguments[2],
      let optionless = call.isolate.registry.optionlessJob(word, spec)
    else { return nil }
    let isolate = call.isolate
    try refuseInPrivateIsolate(isolate)
    let handle = try add(
      NewJob(
        trigger: optionless.trigger, text: optionless.text, policy: optionless.policy,
        callback: callback),
      isolate)
    // A loop may register many more like it, and the bridge collects them. At most 1,024 at a time, since the host
    // cannot be preempted while it reads them.
    if isolate.isLoading, isolate.privateRun == nil, !isolate.registry.isReattaching,
      !isolate.environment.isSimulated
    {
      let limit = min(
        1_024, isolate.environment.configuration.jobLimit - isolate.registry.count,
        isolate.memory.roomForJobs(isolate.isolate))
      isolate.isolate?.expectBulkRegistrations(
        from: JobHandle(index: handle.index + 1, reuse: 0), atMost: limit)
    }
    return handle
  }

  private static func refuseInPrivateIsolate(_ isolate: ScriptIsolate) throws(Mistake) {
    guard isolate.isLoading || isolate.privateRun == nil else {
      throw Mistake(
        "a job cannot be registered here: this run has a Lua state of its own (isolate = \"run\"), which ends with the run; register the job while the script loads"
      )
    }
  }

  private struct NewJob {
    /// Nil for a job whose name is derived.
    var name: String?
    var trigger: JobTrigger
    /// The text of the trigger.
    var text: String
    var policy: SharedPolicy
    var callback: CallbackID
    var functions: JobFunctions?
  }

  /// Adds a job to the script's registry, and passes it on to the core.
  private static func add(
    _ job: NewJob, _ isolate: ScriptIsolate
  ) throws(Mistake) -> JobHandle {
    if isolate.registry.isReattaching {
      return isolate.registry.reattach(
        name: job.name, trigger: job.text, callback: job.callback, functions: job.functions)
        ?? JobHandle(index: .max, reuse: 0)
    }
    let name = try freeName(for: job, isolate)
    try refusePatterns(of: job.trigger, isolate)
    let bytes = ScriptMemory.bytes(ofJob: name.text, trigger: job.text)
    try isolate.memory.addJob(bytes, isolate.isolate)
    let caller = isolate.caller()
    let isDynamic = !isolate.isLoading
    let handle = isolate.registry.add(
      JobRegistry.Entry(
        name: name.text, policy: job.policy, callback: job.callback, functions: job.functions,
        isHandler: job.trigger.pattern != nil, isDynamic: isDynamic,
        position: isolate.registry.share(caller?.position ?? isolate.name), reuse: 0,
        bytes: UInt32(clamping: bytes),
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
      "a script's handlers may have \(PatternQuota.limit) different patterns at most, each alternative counted; handle names without *, or fewer patterns"
    )
  }

  /// A job that a callback registers cannot have private isolates: they load the script's text, which lacks the job.
  /// Refuses its own option, ignores a default.
  private static func useScriptIsolate(
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
        "\(InputQuota.limit) jobs were registered at once, and the scheduler has not read them yet; register fewer at a time"
      )
    }
    return try isolate.registry.freeName(
      job.name, trigger: job.text, limit: isolate.environment.configuration.jobLimit,
      isLoading: isolate.isLoading)
  }
}

extension JobTrigger {
  var pattern: EventPattern? {
    if case .event(let pattern) = self { pattern } else { nil }
  }
}
