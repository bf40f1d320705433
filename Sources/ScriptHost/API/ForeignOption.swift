/// The names that options have in other schedulers (cron, APScheduler, Celery, Airflow, Quartz, systemd, Kubernetes,
/// Sidekiq, node-cron), with what to write here.
enum ForeignOption {
  /// What to write instead of an option of that name; nil if no scheduler that we know has it. Ignores case, `-` and `_`.
  ///
  /// - Parameter hasRun: whether the options are those of `job`, which has its trigger and its function among them.
  static func advice(_ name: String, hasRun: Bool) -> String? {
    let key = normalized(name)
    if let advice = (hasRun ? inJob : beside)[key] { return advice }
    return options[key]
  }

  /// What to write instead of a part of `retry`.
  static func retryAdvice(_ name: String) -> String? { retry[normalized(name)] }

  private static func normalized(_ name: String) -> String {
    String(decoding: name.utf8.prefix(64).filter { $0 != 95 && $0 != 45 }, as: UTF8.self)
      .lowercased()
  }

  /// By name without `_`, in lower case.
  private static func table(_ rows: [(names: String, advice: String)]) -> [String: String] {
    var table: [String: String] = [:]
    for row in rows {
      for name in row.names.split(separator: " ") { table[String(name)] = row.advice }
    }
    return table
  }

  private static let options = table(
    [
      ("misfiregracetime startingdeadlineseconds expires maxlateness", "write grace = \"5m\""),
      (
        "coalesce misfirepolicy misfireinstruction misfire backfill persistent",
        "write catchup = \"latest\" (one run for all missed fires), \"all\" or \"none\""
      ),
      ("startdate start startat startsat starttime startsfrom begin notbefore eta", "write from"),
      ("enddate end endat endsat endtime ends until stopat notafter to", "write till"),
      ("id jobid taskid dagid title label key jobname", "write name"),
      ("timezone timezones zone tzinfo crontz utc", "write tz = \"Europe/Berlin\""),
      ("latitude", "write lat"), ("longitude long lng", "write lon"),
      (
        "retries maxretries attempts maxattempts tries retrylimit backofflimit retrycount",
        "write retry = 3"
      ),
      (
        "retrydelay retrybackoff backoff retryinterval defaultretrydelay retrypolicy retrymaxdelay",
        "write retry = { max = 3, from = \"1s\", to = \"1h\", factor = 2 }"
      ),
      (
        "autoretryfor dontautoretryfor retryon",
        "write retry = { max = 3, unless = \"a pattern on the message\" }"
      ),
      (
        "onerror onfail onfailurecallback errorhandler errback linkerror notify email alert "
          + "emailonfailure mailto", "write on_failure = function(run, e) ... end"
      ),
      (
        "oncomplete ondone onsuccesscallback onfinish link then",
        "write on_success = function(run, result) ... end"
      ),
      ("onretrycallback beforeretry", "write on_retry = function(run, e) ... end"),
      (
        "onmisfire onmiss onskip slamisscallback", "write on_missed = function(run) ... end"
      ),
      (
        "enabled disabled active inactive suspend suspended ispaused pauseduponcreation",
        "write paused = true for a job that does not fire yet"
      ),
      (
        "concurrency maxconcurrency maxactiveruns maxactivetasks maxparallel parallelism "
          + "maxrunninginstances instances",
        "write overlap = \"allow\", max_instances = 3; without them, a job runs once at a time"
      ),
      (
        "concurrencypolicy allowoverlap allowconcurrent overlapping singleinstance singleton "
          + "nooverlap withoutoverlapping preventoverlap mutex lock unique",
        "write overlap = \"skip\" (the default), \"queue\", \"replace\" or \"allow\""
      ),
      (
        "timelimit softtimelimit hardtimelimit executiontimeout maxruntime runtimeout deadline "
          + "activedeadlineseconds maxduration timeoutsec runtimemaxsec sla",
        "write timeout = \"30s\", or timeout = { soft = \"30s\", hard = \"40s\" }"
      ),
      (
        "randomdelay randomizeddelaysec randomoffset splay accuracysec",
        "write jitter = \"30s\""
      ),
      ("kwargs params parameters data payload arguments context input opargs", "write args"),
      ("tag labels group groups category queuename", "write tags = { \"...\" }"),
      (
        "repeat repeatcount count maxruns limit iterations maxfires runs once",
        "write times = 3"
      ),
      (
        "runimmediately immediate immediately runonstart runatstart fireimmediately runoninit "
          + "runnow startnow nextruntime", "write now = true"
      ),
      (
        "keep keeplast resultttl resultexpires historylimit failedjobshistorylimit "
          + "successfuljobshistorylimit ttlsecondsafterfinished", "write history = 100"
      ),
      ("mem memorylimit maxmemory memorymax", "write memory = \"64 MiB\" in defaults { }"),
      ("cpulimit cputime cpuquota", "write cpu = \"10s\""),
      ("condition onlyif predicate unless skipif filter", "write when = function(run) ... end"),
      ("throttle quiet settle", "write debounce = \"5s\", in on(...)"),
      ("batchsize maxbatch gather", "write batch = 100, in on(...)"),
      ("maxqueue queuesize queuelimit maxlen", "write overlap = \"queue\", backlog = 100"),
      ("fixeddelayms fromend delayafter", "write fixed_delay = true"),
      ("restartpolicy ackslate requeue recover requestsrecovery", "write restart = true"),
      ("sandbox isolation process", "write isolate = \"run\""),
      ("storage store persist memo", "write state = { }"),
      ("prio weight nice priorityweight", "write priority: higher starts first"),
      (
        "user runas uid username",
        "the host's own user runs all scripts; start the host as that user"
      ),
      (
        "env environment", "scripts see no environment; put values into the script, or into args"
      ),
      ("cwd workingdirectory shell bash", "scripts start no processes in this version"),
      (
        "description desc doc comment notes summary",
        "write a comment, or tags"
      ),
      (
        "replaceexisting replace", "leave it out: a load replaces the jobs of the version before"
      ),
      (
        "executor jobstore pool threads worker workers startnewthread",
        "leave it out: the host has its own store and workers"
      ),
      (
        "dependson dependsonpast upstream downstream runafter",
        "let one job emit an event at its end, and the other handle it with on(...)"
      ),
    ])

  private static let callbacks =
    "run callback fn func function handler action command cmd task exec target call"
  private static let triggers =
    "on trigger schedule cron crontab interval every schedules expression"
  private static let periods =
    "seconds minutes hours days weeks second minute hour day week dayofweek month year period ms"

  /// In the options of `every` and the like.
  private static let beside = table([
    (callbacks, "the function comes last, as in every(\"10s\", { name = \"sync\" }, f)"),
    (triggers, "the time comes first, as in every(\"10s\", { name = \"sync\" }, f)"),
    (periods, "the time comes first, as in every(\"10s\", f) or cron(\"0 9 * * mon\", f)"),
  ])

  /// In the options of `job`.
  private static let inJob = table([
    (callbacks, "write run = f"),
    (triggers, "write on = every(\"10s\")"),
    (periods, "write on = every(\"10s\") or on = cron(\"0 9 * * mon\")"),
  ])

  private static let retry = table([
    ("retries maxretries attempts maxattempts tries limit count times n", "write max = 3"),
    (
      "delay initial initialdelay min mindelay base countdown wait interval start backoff",
      "write from = \"1s\""
    ),
    ("maxdelay maxinterval backoffmax cap most till until", "write to = \"1h\""),
    ("multiplier exponent exponentialbase rate growth", "write factor = 2"),
    ("random randomize retryjitter spread", "write jitter = 0.1"),
    (
      "when on onlyif ifnot except exceptions match pattern",
      "write unless = \"a pattern on the message\""
    ),
  ])
}
