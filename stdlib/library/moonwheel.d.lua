---@meta moonwheel

-- Describes the words that Moonwheel gives to scripts, for the Lua language server: completion, checks, hover texts.
-- Nothing in this file runs.

-- Values ------------------------------------------------------------------------------------------

---A length of time: seconds, or a text with units such as `"250ms"`, `"10s"`, `"5m"`, `"1h30m"`,
---`"2 days"`, `"1w"`, `"PT1H30M"`. Zero, a negative, and a text without a unit are refused.
---@alias moonwheel.Duration number|string

---An instant: seconds since 1970, or a text such as `"2026-12-24 18:00"`,
---`"2026-12-24T18:00:00+01:00"` or `"18:00"`. A text without an offset is local time.
---@alias moonwheel.Time number|string

---A value that can leave a script, always as a copy: nil, booleans, numbers, strings, `json.null`, and tables of these.
---@alias moonwheel.Value nil|boolean|number|string|userdata|table

---The function that a job calls when it fires. The history keeps its result; `return cancel` ends the job.
---@alias moonwheel.Callback fun(run: moonwheel.Run): any

---The function that an `on` job calls for each event.
---@alias moonwheel.Handler fun(event: moonwheel.Event): any

---A rule for when to fire. `every`, `cron`, `at`, `after` and `on` return one when they are called
---without a function; `job` takes it as `on`. `a | b` fires when `a` or `b` does, `a & b` when both fire
---at the same instant, `a - b` when `a` does and `b` does not.
---
---```lua
---job("mixed", { on = cron("0 9 * * *") | every("monday at 13:00"), run = print })
---```
---@class moonwheel.Trigger
---@operator bor(moonwheel.Trigger): moonwheel.Trigger
---@operator band(moonwheel.Trigger): moonwheel.Trigger
---@operator sub(moonwheel.Trigger): moonwheel.Trigger
local Trigger = {}

---The first instant after the given one, both in seconds since 1970; nil if there is none. A period of elapsed time
---counts from the given instant.
---
---```lua
---local nine = cron("0 9 * * *")
---print(date(nine:next()), date(nine:next(nine:next())))
---```
---@param after? number default now
---@return number?
function Trigger:next(after) end

---The type of `cancel`.
---@class moonwheel.Cancel
local Cancel = {}

-- Options -----------------------------------------------------------------------------------------

---Options of every kind of job. An unknown option, and one that would do nothing, is an error when the script loads.
---
---```lua
---every("5m", { name = "sync", tags = { "net" }, overlap = "queue" }, sync)
---```
---@class moonwheel.Options
---The job's identity, unique in the script: history, phase and pauses belong to it. Default: the text of its trigger.
---@field name? string
---Labels. `jobs(tag)` returns the jobs with a label.
---@field tags? string[]
---Order among runs of this script that are due at the same time: higher goes first. Default: 0.
---@field priority? integer
---Zone of calendar times, an IANA name such as `"Europe/Berlin"`. Only for triggers of time. Default: the host's.
---@field tz? string
---A local time that the spring change skips fires just `"after"` the gap, is moved by the length of the
---gap (`"shift"`), or does not fire (`"skip"`). Only for times of day. Default: `"after"` for a fixed time.
---@field gap? "after"|"shift"|"skip"
---A local time that comes twice in autumn fires the `"first"` time, the `"last"` time, or `"both"`.
---Only for times of day. Default: `"first"` for a fixed time.
---@field fold? "first"|"last"|"both"
---The place for a trigger of the sun, such as `every("sunset - 15m")`, in degrees north. Only for times of the sun.
---@field lat? number
---The place in degrees east. Only for times of the sun.
---@field lon? number
---The first instant at which the job may fire; a duration counts from when the job was first registered. Only for
---triggers of time. Default: no bound.
---@field from? moonwheel.Time
---The last instant, likewise. Only for triggers of time. Default: no bound.
---@field till? moonwheel.Time
---The maximum number of fires. Only for triggers of time. Default: no bound.
---@field times? integer
---A random delay of up to this length; equal for equal instants. Shorter than the period of `every`. Only for
---triggers of time. Default: none.
---@field jitter? moonwheel.Duration
---Time from the start of a run, waits included, after which the host interrupts it by an error that no
---`pcall` catches, and 100 ms later (or at `hard`) drops it. `false`: no limit. Default: 1 h.
---@field timeout? moonwheel.Duration|moonwheel.Timeout|false
---Processor time of a run after which the host ends it in the same way. Default: no limit.
---@field cpu? moonwheel.Duration|false
---Whether the job also fires when it is first added. Only for triggers of time. Default: false.
---@field now? boolean
---Whether the period of `every` counts from the end of a run, not from its start. Only for `every` with a duration.
---Default: false.
---@field fixed_delay? boolean
---What to do if the previous run is still going: `"skip"` this fire, `"queue"` it, `"replace"` the old
---run, or `"allow"` both. Default: `"skip"`; for `on`, `"queue"`.
---@field overlap? "skip"|"queue"|"replace"|"allow"
---With `overlap = "queue"`: how many fires or events may wait. Default: 1; for `on`, 1000.
---@field backlog? integer
---The old name of `backlog`; Moonwheel accepts it with a warning.
---@deprecated
---@field queue? integer
---With `overlap = "allow"`: how many runs may go at the same time. Default: 16.
---@field max_instances? integer
---The value of `run.args` in each run. Default: nil.
---@field args? moonwheel.Value
---Whether the job starts paused: it does not fire until `resume`. Default: false.
---@field paused? boolean
---A fire whose run would start later than this after its instant does not run. Only for triggers of time. Default: no
---limit.
---@field grace? moonwheel.Duration
---What happens to fires that were missed while the host was down or asleep, the job was paused, or the
---clock was set: no run (`"none"`), one run for all (`"latest"`), or one for each, oldest first (`"all"`).
---Needs a `name`. Only for triggers of time. Default: `"latest"` for a named job on a durable store, else `"none"`.
---@field catchup? "none"|"latest"|"all"|false
---With `catchup = "all"`: the maximum number of missed fires that run. Only for triggers of time. Default: 1000.
---@field catchup_limit? integer
---How many more attempts a failed run has, or how they are spaced. Default: none.
---@field retry? integer|moonwheel.Retry
---Whether a run starts again after a crash of the host, or an eviction of its script, cut it off.
---Default: only promises and retries do.
---@field restart? boolean
---How many runs the history keeps. Default: 100, plus 1000 that failed.
---@field history? integer|false
---`"run"` gives each run its own Lua state, in which the script is loaded again; such runs go in
---parallel. With `"script"`, all runs share the script's state. Default: `"script"`.
---@field isolate? "script"|"run"
---A memory limit, in bytes or as `"128 MiB"`: in `defaults` of the script, which is its Lua states and what the host
---keeps for it; with `isolate = "run"` of each run's state. Default: 64 MiB.
---@field memory? integer|string
---Called before the callback. Unless it returns true, the callback does not run.
---@field when? fun(run: moonwheel.Run): any
---The first value of `run.state`. Each run that succeeds saves it. Needs a `name`.
---@field state? table
---Called after a run that succeeded, with its result.
---@field on_success? fun(run: moonwheel.Run, result: any)
---Called after a run that failed for good.
---@field on_failure? fun(run: moonwheel.Run, error: moonwheel.Error)
---Called after an attempt that failed and is followed by another.
---@field on_retry? fun(run: moonwheel.Run, error: moonwheel.Error)
---Called for fires that did not run because their time had passed.
---@field on_missed? fun(run: moonwheel.Run, missed: moonwheel.Missed)
---A URL that the host requests after each run that succeeds, such as that of a service which alarms when nothing comes.
---Needs `net` with its host.
---@field ping? string

---Options of `on`.
---@class moonwheel.HandlerOptions: moonwheel.Options
---Gathers events until none has come for this long; the handler gets a list.
---@field debounce? moonwheel.Duration
---Gathers at most this many events; the handler gets a list.
---@field batch? integer

---How a failed run is retried. The first delay is `from`, each further one `factor` times the one before,
---at most `to`; each delay grows by a random part of up to `jitter`.
---@class moonwheel.Retry
---The number of attempts after the first.
---@field max integer
---The first delay. Default: 1 s.
---@field from? moonwheel.Duration
---The longest delay. Default: 1 h.
---@field to? moonwheel.Duration
---How much longer each delay is than the one before. Default: 2.
---@field factor? number
---The random part of a delay, from 0 to 1. Default: 0.1, a tenth.
---@field jitter? number
---A Lua pattern: an error whose message matches it is not retried.
---@field unless? string

---Why a run failed.
---@class moonwheel.Error
---@field message string
---How it ended: `"failed"`, `"timed_out"`, `"cancelled"`, `"dropped"`, `"evicted"`, `"abandoned"`.
---@field status string
---The table that was raised, if the error was a table.
---@field data? table
---@field traceback? string

---Fires that did not run.
---@class moonwheel.Missed
---When the first of these fires was due, in seconds since 1970.
---@field scheduled_at number
---@field count integer
---@field reason string

---The two steps of ending a run.
---@class moonwheel.Timeout
---When the run is interrupted; its `<close>` variables may clean up until `hard`.
---@field soft moonwheel.Duration
---When the run is dropped, at the latest. Default: 100 ms after `soft`.
---@field hard? moonwheel.Duration

---The options that `defaults` takes: all but those that belong to one job.
---@class moonwheel.Defaults
---The former names of this script, if it was renamed: its jobs take over what is kept of those scripts.
---@field formerly? string|string[]
---@field tags? string[]|false
---@field priority? integer|false
---@field tz? string|false
---@field gap? "after"|"shift"|"skip"|false
---@field fold? "first"|"last"|"both"|false
---@field lat? number|false
---@field lon? number|false
---@field jitter? moonwheel.Duration|false
---@field timeout? moonwheel.Duration|moonwheel.Timeout|false
---@field cpu? moonwheel.Duration|false
---@field fixed_delay? boolean
---@field overlap? "skip"|"queue"|"replace"|"allow"|false
---@field backlog? integer|false
---The old name of `backlog`; Moonwheel accepts it with a warning.
---@deprecated
---@field queue? integer|false
---@field max_instances? integer|false
---@field grace? moonwheel.Duration|false
---@field catchup? "none"|"latest"|"all"|false
---@field catchup_limit? integer|false
---@field retry? integer|moonwheel.Retry|false
---@field restart? boolean
---@field history? integer|false
---@field isolate? "script"|"run"|false
---@field memory? integer|string|false
---@field when? (fun(run: moonwheel.Run): any)|false
---@field debounce? moonwheel.Duration|false
---@field batch? integer|false
---@field on_success? fun(run: moonwheel.Run, result: any)|false
---@field on_failure? fun(run: moonwheel.Run, error: moonwheel.Error)|false
---@field on_retry? fun(run: moonwheel.Run, error: moonwheel.Error)|false
---@field on_missed? fun(run: moonwheel.Run, missed: moonwheel.Missed)|false

---The options of `job`.
---@class moonwheel.JobOptions: moonwheel.Options
---When the job fires. Without a trigger, it runs on demand.
---@field on? moonwheel.Trigger
---The callback.
---@field run moonwheel.Callback

-- Runs, jobs, events ------------------------------------------------------------------------------

---One execution of a job. Read-only, except for its state.
---@class moonwheel.Run
---Identity of this run.
---@field id string
---The job.
---@field job moonwheel.Job
---Count of the job's runs; the first is 1.
---@field n integer
---Count of the attempts at this run; the first is 1.
---@field attempt integer
---When the run was due, in seconds since 1970.
---@field scheduled_at number
---When the job fired, in seconds since 1970.
---@field fired_at number
---Seconds from when the run was due to when it started; never negative.
---@field late number
---The job's option `args`, or the argument of `trigger`, `after` or `at`.
---@field args moonwheel.Value
---The event that started the run, in a job whose trigger is `on`; a list with `batch` or `debounce`.
---@field event? moonwheel.Event|moonwheel.Event[]
---The job's own table, if it has the option `state`. Saved when this run succeeds. Data only.
---@field state? table
---Whether the host is about to interrupt the run, because somebody cancelled it or its time is over. A
---loop that computes can check it and end by itself.
---@field cancelled boolean
local Run = {}

---Parks this run, as `sleep` does.
---
---```lua
---every("1m", function(run)
---  run:sleep("5s")
---  print("five seconds later")
---end)
---```
---@param duration moonwheel.Duration
function Run:sleep(duration) end

---Reports how far the run is. The host logs it at level `debug`, and shows it when it gets `SIGUSR1`.
---
---```lua
---run:progress(0.4, "step 2 of 5")
---```
---@param fraction number from 0 to 1
---@param text? string
function Run:progress(fraction, text) end

---Ends this attempt as failed. The next attempt starts after the delay (or as `retry` says). No code after
---the call runs, except for `<close>` variables.
---
---```lua
---if busy then run:retry("5m") end
---```
---@param delay? moonwheel.Duration
function Run:retry(delay) end

---A handle of a registered job. It only refers to the job: dropping the handle changes nothing.
---@class moonwheel.Job
---@field name string
---@field tags string[]
---When the job fires next, in seconds since 1970, or nil. Not while a script loads.
---@field next_run? number
---When its last run started. Not while a script loads.
---@field last_run? number
---Not while a script loads.
---@field paused boolean
local Job = {}

---Promises a run as soon as possible: it starts at least once, even if the host goes down first. Not while
---a script loads.
---
---```lua
---remind:trigger { id = 42 }  -- run.args.id is 42
---```
---@param args? moonwheel.Value
---@return string? id of the promised run, or nil
---@return string? message why the promise was refused
---@return string? code
function Job:trigger(args) end

---Promises a run after a delay.
---
---```lua
---remind:after("3d", { id = 42 })
---```
---@param delay moonwheel.Duration
---@param args? moonwheel.Value
---@return string? id of the promised run, or nil
---@return string? message why the promise was refused
---@return string? code
function Job:after(delay, args) end

---Promises a run at an instant; as soon as possible if that is in the past.
---
---```lua
---remind:at("monday 09:00", { id = 42 })
---```
---@param time moonwheel.Time
---@param args? moonwheel.Value
---@return string? id of the promised run, or nil
---@return string? message why the promise was refused
---@return string? code
function Job:at(time, args) end

---Stops the job from firing until `resume`, also across reloads and restarts.
---
---```lua
---jobs["sync"]:pause("the server is down")
---```
---@param reason? string
---@return boolean? done or nil
---@return string? message
---@return string? code
function Job:pause(reason) end

---Lets a paused or cancelled job fire again.
---@return boolean? done or nil
---@return string? message
---@return string? code
function Job:resume() end

---Ends the job for good, until `resume`, or until its trigger's text changes; its promised runs end with it. Interrupts
---the runs under way, except for the one that calls it. A reason is kept and shown; the id of a run is refused, since this is about the whole job.
---
---```lua
---jobs["sync"]:cancel("the server is gone")
---```
---@param reason? string
---@return boolean? done or nil
---@return string? message
---@return string? code
function Job:cancel(reason) end

---Gives the job another trigger, until its script is loaded again.
---
---```lua
---jobs["sync"]:reschedule(every("1m"))
---```
---@param trigger moonwheel.Trigger
---@return boolean? done or nil
---@return string? message
---@return string? code
function Job:reschedule(trigger) end

---The next fires, in seconds since 1970.
---@param count? integer default 5
---@return number[]
function Job:next(count) end

---The last runs, newest first.
---@param count? integer default 5
---@return moonwheel.PastRun[]? runs or nil
---@return string? message
---@return string? code
function Job:history(count) end

---Explains why the job ran or did not run: as data, and as a text for `print`.
---@return moonwheel.Explanation? explanation or nil
---@return string? message
---@return string? code
function Job:explain() end

---A run in the history. Times are seconds since 1970, durations seconds.
---@class moonwheel.PastRun
---@field id string
---@field attempt integer
---@field n integer
---`"running"`, `"succeeded"`, `"failed"`, `"timed_out"`, `"cancelled"`, `"dropped"`, `"evicted"`, or
---`"abandoned"`.
---@field status string
---@field scheduled_at number
---@field started_at number
---@field ended_at? number
---@field late number
---@field duration? number
---Time on a worker.
---@field processor_time number
---The most bytes that the script's state held during the run.
---@field peak_memory? integer
---@field result? any
---@field error? string
---@field traceback? string
---@field data? table
---The first lines and the last ones.
---@field log? { at: number, level: string, message: string, fields: table? }[]
---@field omitted_lines? integer

---@class moonwheel.Explanation
---`"active"`, `"paused"`, `"cancelled"` or `"finished"`.
---@field state string
---@field reason? string
---@field next_run? number
---@field last_run? moonwheel.PastRun
---Why fires did not become runs, newest first.
---@field decisions { kind: string, from: number, through: number, count: integer, reason: string, run: string? }[]
---@field text string

---An event: `emit`, the host, or the program that embeds Moonwheel sent it.
---@class moonwheel.Event
---Its name, in parts that dots separate: `order.new`.
---@field name string
---A copy of the value that the sender passed.
---@field payload any
---The sender, such as a script's name.
---@field source string

-- Triggers ----------------------------------------------------------------------------------------

---Runs a function again and again. The n-th fire is due n periods after the job was first registered, so
---nothing drifts. The job keeps its phase when its script is reloaded. Also takes calendar times in English.
---
---```lua
---every("10s", function(run) print("tick " .. run.n) end)
---every("5 to 10 minutes", poll)
---every("weekday at 09:00", { tz = "Europe/Berlin" }, standup)
---every("month on the last friday at 06:00", bill)
---every("5m", { name = "sync", fixed_delay = true }, sync)
---```
---@param period moonwheel.Duration
---@param options moonwheel.Options
---@param callback moonwheel.Callback
---@return moonwheel.Job
---@overload fun(period: moonwheel.Duration, callback: moonwheel.Callback): moonwheel.Job
---@overload fun(period: moonwheel.Duration): moonwheel.Trigger
function every(period, options, callback) end

---Runs a function when a cron expression matches. Five fields are minute, hour, day, month, weekday; with
---six, seconds come first; with seven, years come last. Takes names, lists, ranges and steps as Vixie cron
---does, `L`, `W`, `#`, `H` and `~`, and `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, `@reboot`.
---
---```lua
---cron("*/5 9-17 * * mon-fri", poll)
---cron("0 6 * * *", { tz = "America/New_York" }, report)
---cron("*/10 * * * * *", function() print("every ten seconds") end)
---```
---@param expression string
---@param options moonwheel.Options
---@param callback moonwheel.Callback
---@return moonwheel.Job
---@overload fun(expression: string, callback: moonwheel.Callback): moonwheel.Job
---@overload fun(expression: string): moonwheel.Trigger
function cron(expression, options, callback) end

---Runs a function once, at an instant. If that is past when the job is first registered, the fire is missed.
---
---```lua
---at("2026-12-24 18:00", { tz = "Europe/Berlin" }, ring)
---at("18:00", function() print("time to go") end)
---at(now() + 60, function() print("a minute later") end)
---```
---@param time moonwheel.Time
---@param options moonwheel.Options
---@param callback moonwheel.Callback
---@return moonwheel.Job
---@overload fun(time: moonwheel.Time, callback: moonwheel.Callback): moonwheel.Job
---@overload fun(time: moonwheel.Time): moonwheel.Trigger
function at(time, options, callback) end

---Runs a function once, after a delay. In the body of a script, the delay counts from the start of the
---host, or from the reload that added the job; a later reload does not restart it.
---
---```lua
---after("10m", function() print("ten minutes on") end)
---```
---@param delay moonwheel.Duration
---@param options moonwheel.Options
---@param callback moonwheel.Callback
---@return moonwheel.Job
---@overload fun(delay: moonwheel.Duration, callback: moonwheel.Callback): moonwheel.Job
---@overload fun(delay: moonwheel.Duration): moonwheel.Trigger
function after(delay, options, callback) end

---Runs a function for each event whose name matches, one at a time and in order. `*` stands for one part
---of the name, `**` for any number of parts.
---
---```lua
---on("order.new", function(e) print(e.name, e.payload.id, e.source) end)
---on("order.**", { name = "audit" }, function(e) log.info(e.name) end)
---```
---@param pattern string
---@param options moonwheel.HandlerOptions
---@param handler moonwheel.Handler
---@return moonwheel.Job
---@overload fun(pattern: string, handler: moonwheel.Handler): moonwheel.Job
---@overload fun(pattern: string): moonwheel.Trigger
function on(pattern, options, handler) end

---Whole days, to combine with `&` and `-`.
---
---```lua
---job("work", { on = cron("0 9 * * *") - dates { "2030-12-25", "2030-12-26" }, run = print })
---```
---@param list string[] each `"2030-12-25"`
---@param options? { tz?: string }
---@return moonwheel.Trigger
function dates(list, options) end

---A part of each day, to combine with `&` and `-`.
---
---```lua
---job("office", { on = every("15m") & between("09:00", "17:00"), run = print })
---```
---@param from string `"09:00"`
---@param through string `"17:00"`
---@param options? { tz?: string }
---@return moonwheel.Trigger
function between(from, through, options) end

---A trigger that a function computes. The host passes it the last fire (at first the present), in seconds since
---1970. It returns the next fire, which must be later, or nil for never again. It has one second, and cannot wait.
---
---```lua
---local nine = cron("0 9 * * mon-fri")
---trigger(function(after)
---  local next = nine:next(after)
---  while holidays[date(next, "%m-%d")] do next = nine:next(next) end
---  return next
---end, { name = "standup" }, function() print("good morning") end)
---```
---@param say fun(after: number): number?
---@param options? moonwheel.Options
---@param callback moonwheel.Callback
---@return moonwheel.Job
---@overload fun(say: fun(after: number): number?): moonwheel.Trigger
---@overload fun(say: fun(after: number): number?, callback: moonwheel.Callback): moonwheel.Job
function trigger(say, options, callback) end

---Registers a job in its long form. Without a trigger it runs on demand.
---
---```lua
---job("report", { on = cron("0 6 * * *"), run = function(run) print(run.job) end })
---
---local remind = job("remind", { run = function(run) print(run.args.id) end })
---every("1h", function(run) remind:trigger { id = run.n } end)
---```
---@param name string
---@param options moonwheel.JobOptions
---@return moonwheel.Job
function job(name, options) end

---Return it from a callback to end the job for good.
---
---```lua
---every("1s", function(run)
---  print(run.n)
---  if run.n == 3 then return cancel end
---end)
---```
---@type moonwheel.Cancel
cancel = {}

---Sets options for the jobs that this script registers after this call. `false` means none.
---
---```lua
---defaults { tz = "Europe/Berlin", overlap = "queue" }
---```
---@param options moonwheel.Defaults
function defaults(options) end

-- Permissions -------------------------------------------------------------------------------------

---What a script may ask for, as lists of texts. Paths are relative to the script's folder; `*` stands for any text where
---names are asked for.
---@class moonwheel.Asked
---Hosts to connect to: `"api.example.com"`, `"*.example.com"`, `"10.0.0.0/8:443"`, `"[::1]:8080"`. Without a port the usual
---one of the protocol is meant, and `:*` means any. A name may lead to a private or otherwise special address only if
---`private` follows it, as in `"db.lan:5432 private"`.
---@field net? string[]|string
---Files, and folders with all in them, that may be read.
---@field read? string[]|string
---Files, and folders with all in them, that may be written, and read.
---@field write? string[]|string
---Programs that may be run, with any arguments.
---@field run? string[]|string
---Variables of the host's environment: `"SHOP_*"`.
---@field env? string[]|string
---Names of secrets.
---@field secret? string[]|string
---Addresses to send mail to: `"*@example.org"`.
---@field mail? string[]|string
---Keys of `kv`: `"shop.*"`. Those that begin with `self.` are the script's own.
---@field kv? string[]|string
---Sockets in the file system: `"/run/docker.sock"`.
---@field unix? string[]|string
---Names of tasks of other scripts.
---@field send? string[]|string
---Hosts to connect to without checking who they are.
---@field insecure? string[]|string

---@class moonwheel.Permissions: moonwheel.Asked
---What the script loads without, too.
---@field optional? moonwheel.Asked

---Asks for what the script may do beyond what cannot hurt. Call it once, at the top of the script, with texts alone. A
---script that asks for what is not granted does not load, and what it does not ask for is denied at the call: `nil`, a
---message that says what to add, and `"denied"`.
---
---```lua
---permissions { net = { "api.example.com" }, read = { "inbox" } }
---```
---@param asked moonwheel.Permissions
function permissions(asked) end

-- Events and waiting ------------------------------------------------------------------------------

---Sends an event to all scripts, in order. Not while a script loads.
---
---```lua
---local sent, why = emit("order.new", { id = 42 })
---```
---@param name string
---@param payload? moonwheel.Value
---@return boolean? sent true, or nil if the event was refused
---@return string? message why the event was refused: `"queue full"`
function emit(name, payload) end

---Parks this run until an event comes whose name matches, and returns the event. Without a timeout it
---waits for ever. An event that came before the call is over: see `listen`. With a filter, events that it refuses
---are passed over, and none that comes meanwhile is lost. Not while a script loads.
---
---```lua
---local e, why = wait("order.paid", "10m", { id = 42 })  -- the payload's id is 42
---if not e then print("not paid: " .. why) end           -- "timeout"
---wait("order.*", nil, function(event) return event.payload.total > 100 end)
---```
---@param pattern string
---@param timeout? moonwheel.Duration
---@param filter? moonwheel.Filter
---@return moonwheel.Event? event
---@return string? message `"timeout"`, or why the wait was refused
---@return string? code
function wait(pattern, timeout, filter) end

---Which events to take: a function of the event that returns true, or the fields that the payload must have
---(those of tables within, too). The run calls the function, and an error in it is an error of the run.
---@alias moonwheel.Filter table|fun(event: moonwheel.Event): any

---Keeps the events that match, from now until the box is closed or the run ends. What `box:next` has not taken
---waits, up to 1000 events; `box.dropped` counts those beyond. Only this run can use the box. Not while a script loads.
---
---```lua
---local box <close> = listen("part.done")
---for i = 1, 40 do part:trigger { i } end
---for i = 1, 40 do print(box:next("1m").payload) end
---```
---@param pattern string
---@param filter? moonwheel.Filter
---@return moonwheel.Box? box
---@return string? message why it was refused
---@return string? code
function listen(pattern, filter) end

---The events that a run listens to.
---@class moonwheel.Box
---How many events had no room.
---@field dropped integer
local Box = {}

---The next event, oldest first. Parks this run until there is one; without a timeout, for ever.
---@param timeout? moonwheel.Duration
---@return moonwheel.Event? event
---@return string? message `"timeout"`
function Box:next(timeout) end

---Ends the listening, and forgets the events that were not taken.
function Box:close() end

---Parks this run: it holds no thread, and other jobs go on. Works inside coroutines, iterators and
---`pcall`. Not while a script loads.
---
---```lua
---every("1m", function()
---  sleep("5s")
---  print("five seconds later")
---end)
---```
---@param duration moonwheel.Duration
function sleep(duration) end

-- Keys and values -----------------------------------------------------------------------------------

---Keys and values in the store of the host. Keys `self.*` belong to this script, all others are shared. Each call is one
---step, parks this run, and returns when a change is safe. Not while a script loads.
---@class moonwheel.Keys
kv = {}

---The value of a key and its version; the default if there is no such key.
---
---```lua
---local cursor, version = kv.get("self.cursor", 0)
---```
---@param key string
---@param default? any
---@return any value
---@return integer|string|nil version or why it cannot be read
---@return string? code
function kv.get(key, default) end

---Sets the value of a key.
---
---```lua
---kv.set("lease", run.id, { ttl = "30s" })
---local first, why, code = kv.set("self.seen.42", 1, { absent = true, ttl = "7d" })  -- code "exists"
---```
---@param key string
---@param value moonwheel.Value
---@param options? moonwheel.KeyOptions
---@return integer? version or nil
---@return string? message
---@return string? code
function kv.set(key, value, options) end

---@class moonwheel.KeyOptions
---How long the value stays. `"keep"`: as long as the value before. Default: for ever.
---@field ttl? moonwheel.Duration|"keep"
---Only if the key has this version.
---@field version? integer
---Only if there is no such key.
---@field absent? boolean

---Adds to a number; a key that is not there counts as 0, and `ttl` counts only then.
---
---```lua
---local count = kv.add("login.ada", 1, { ttl = "10m" })
---```
---@param key string
---@param number? number default 1
---@param options? { ttl?: moonwheel.Duration|"keep" }
---@return number? sum or nil
---@return integer|string|nil version or why nothing was added
---@return string? code
function kv.add(key, number, options) end

---Replaces a value by what the function makes of it; nil deletes the key. The function is called again if another run was
---faster, 16 times at most, and must not wait.
---
---```lua
---kv.update("self.names", function(names)
---  names = names or {}
---  names[#names + 1] = "ada"
---  return names
---end)
---```
---@param key string
---@param change fun(old: any): any
---@param options? { ttl?: moonwheel.Duration|"keep" }
---@return any value
---@return integer|string|nil version or why nothing was changed
---@return string? code
function kv.update(key, change, options) end

---Deletes a key.
---@param key string
---@param options? { version?: integer }
---@return boolean? existed or nil
---@return string? message
---@return string? code
function kv.delete(key, options) end

---Keys with this beginning, in the order of their bytes, with values and versions.
---
---```lua
---for _, item in ipairs(kv.list("stats.")) do print(item.key, item.value, item.version) end
---```
---@param prefix? string default: all keys that are shared
---@param options? { limit?: integer, after?: string }
---@return { key: string, value: any, version: integer }[]? items or nil
---@return string? after of the next page; nil if there is none; or why the keys cannot be listed
---@return string? code
function kv.list(prefix, options) end

-- This script's jobs ------------------------------------------------------------------------------

---The jobs of this script.
---
---```lua
---jobs["sync"]:pause()
---for _, j in ipairs(jobs("net")) do print(j.name) end
---```
---@class moonwheel.Jobs
---@field [string] moonwheel.Job?
---@overload fun(tag?: string): moonwheel.Job[]
jobs = {}

---Cancels the jobs with a tag, or all of this script. Removes jobs that callbacks have registered.
---@param tag? string
---@return integer count
function clear(tag) end

---Promises one run of each job of this script, except handlers and the job that calls this.
---@param delay? moonwheel.Duration between one run and the next
---@return integer? count or nil
---@return string? message
---@return string? code
function run_all(delay) end

---Seconds to the next fire of this script's jobs; nil if there is none.
---@return number?
function idle() end

---Acts on all jobs of this script at once.
---@class moonwheel.Scheduler
scheduler = {}

---Stops all jobs of this script from firing until `scheduler.resume`. Waits until they have stopped; in a loop, also
---for its turn.
---
---```lua
---on("maintenance.begin", function() scheduler.pause() end)
---```
function scheduler.pause() end

---Lets the jobs of this script fire again. Waits until they do; in a loop, also for its turn.
function scheduler.resume() end

-- Files -------------------------------------------------------------------------------------------

---Files beneath the folders of `permissions { read = ..., write = ... }`, and in folders of the script's own. Paths are
---relative to the script's folder. What fails outside returns nil, a message and a code: `denied`, `missing`, `exists`,
---`is_dir`, `not_dir`, `not_file`, `not_empty`, `no_space`, `too_large`, `busy` or `io`. While a script loads, only `read`,
---`list`, `exists` and `stat` work; an edit of a file that is read then reloads the script.
---@class moonwheel.Files
---@field data string the path of a folder of the script's own, which needs no permission; it holds 100 MiB
fs = {}

---What is at a path.
---@class moonwheel.FileFacts
---@field size integer in bytes
---@field mtime number seconds since 1970
---@field kind "file"|"dir"|"other"

---Returns the content of a file.
---
---```lua
---local text = assert(fs.read("inbox/orders.csv"))
---```
---@param path string
---@param options? { max: integer|string } the most bytes to read; default `"10M"`
---@return string? content or nil
---@return string? message
---@return string? code
function fs.read(path, options) end

---Writes a file as a whole: beside it, then in its place, so that nobody sees a part of it.
---
---```lua
---assert(fs.write(fs.data .. "/last.txt", date()))
---```
---@param path string
---@param text string
---@param options? { mode: string, sync: boolean } rights such as `"640"`, default those of the file before; `sync = false` does not wait for the disk
---@return boolean? done or nil
---@return string? message
---@return string? code
function fs.write(path, text, options) end

---Adds to the end of a file, which is made if it is missing.
---
---```lua
---fs.append(fs.data .. "/log.txt", date() .. " done\n")
---```
---@param path string
---@param text string
---@param options? { mode: string, sync: boolean } rights of a new file; `sync = true` waits for the disk
---@return boolean? done or nil
---@return string? message
---@return string? code
function fs.append(path, text, options) end

---Iterates over the lines of a file, each of up to 1 MiB, without their ends.
---
---```lua
---for line in assert(fs.lines("inbox/orders.csv")) do print(line) end
---```
---@param path string
---@return (fun(): string?)? next or nil
---@return string? message
---@return string? code
function fs.lines(path) end

---Returns the paths of what is in a folder, or of what matches a pattern with `*`, `?`, `[a-z]`, and `**` for any folders:
---sorted, 10,000 at most.
---
---```lua
---for _, path in ipairs(assert(fs.list("inbox/*.csv"))) do print(path) end
---```
---@param path string
---@return string[]? paths or nil
---@return string? message
---@return string? code
function fs.list(path) end

---Returns the size, the time of the last change, and the kind of what is at a path.
---
---```lua
---local facts = fs.stat("inbox/orders.csv")
---```
---@param path string
---@return moonwheel.FileFacts? facts or nil
---@return string? message
---@return string? code
function fs.stat(path) end

---Returns whether something is at a path.
---@param path string
---@return boolean? exists nil if the script may not know
---@return string? message
---@return string? code
function fs.exists(path) end

---Makes a folder, with the folders around it. True if it is there already.
---@param path string
---@return boolean? done or nil
---@return string? message
---@return string? code
function fs.mkdir(path) end

---Removes a file or an empty folder; with `recursive`, all that is in a folder, too.
---@param path string
---@param options? { recursive: boolean }
---@return boolean? done or nil
---@return string? message
---@return string? code
function fs.remove(path, options) end

---Gives a file or a folder another name, in place of a file that has it.
---@param from string
---@param to string
---@return boolean? done or nil
---@return string? message
---@return string? code
function fs.rename(from, to) end

---Copies a file, in place of one that is there.
---@param from string
---@param to string
---@return boolean? done or nil
---@return string? message
---@return string? code
function fs.copy(from, to) end

---Makes a folder that is removed when the run ends, however it ends.
---
---```lua
---local folder = assert(fs.tmp())
---```
---@return string? path or nil
---@return string? message
---@return string? code
function fs.tmp() end

-- Time --------------------------------------------------------------------------------------------

---The time in seconds since 1970, with a fraction.
---
---```lua
---local started = now()
---```
---@return number
function now() end

---Writes a time as text, by default in ISO 8601 and the host's zone.
---
---```lua
---print(date(now(), "%H:%M:%S", "Asia/Tokyo"))
---```
---@param time? number seconds since 1970; default now
---@param format? string as for `os.date`
---@param tz? string an IANA name
---@return string
function date(time, format, tz) end

-- The log -----------------------------------------------------------------------------------------

---Writes a line to the log, at level `info`, under the name of the run that called it. A table is shown with its
---contents: at most 200 values.
---
---```lua
---print("sum", 1 + 2, { of = { 1, 2 } })
---```
---@param ... any
function print(...) end

---Writes to the log. A table at the end is data beside the message. Arguments between them are formatted into the
---message as `string.format` does, or follow it, as with `print`. A line never fails its run: what cannot be copied,
---such as a function, is logged as a text.
---
---```lua
---log.info("imported", { rows = 120, late = run.late })
---log.warn("%s did not answer in %d s", host, 5, { attempt = run.attempt })
---```
---@class moonwheel.Log
log = {}

---For details that help the author of the script.
---@param message any
---@param ... any
function log.debug(message, ...) end

---For events that are worth knowing.
---@param message any
---@param ... any
function log.info(message, ...) end

---For things that somebody should look at, but not at once.
---@param message any
---@param ... any
function log.warn(message, ...) end

---The same as `log.warn`.
---@param message any
---@param ... any
function log.warning(message, ...) end

---For things that went wrong.
---@param message any
---@param ... any
function log.error(message, ...) end

-- Data --------------------------------------------------------------------------------------------

---Reads and writes JSON. Works while the script loads, too; `require "moonwheel.json"` gives the same table.
---
---```lua
---local config = assert(json.decode('{"retries": 3, "hosts": ["a", "b"]}'))
---print(#config.hosts, json.encode { id = 42, tags = {}, note = json.null })
---```
---@class moonwheel.JSON
---The null of JSON: a value that is not nil, so a list can hold it, and that `emit`, `args` and `run.state` keep.
---@field null userdata
json = {}

---What `json.decode` and `json.lines` can be told.
---@class moonwheel.JSONReading
---Members that are null become `json.null`; by default they are left out of their table.
---@field nulls? boolean
---What an integer of more than 64 bits becomes: a float, a text of its digits, or an error. Default: `"float"`.
---@field big? "float"|"string"|"error"
---What happens to a text that is not UTF-8: an error, or U+FFFD in its place. Default: `"error"`.
---@field utf8? "error"|"replace"
---What happens to a key that is twice in an object: the last value counts, or an error. Default: `"last"`.
---@field duplicates? "last"|"error"

---What `json.encode` can be told.
---@class moonwheel.JSONWriting
---A line for each element, with two spaces for each level.
---@field pretty? boolean
---What happens to a text that is not UTF-8: an error, or U+FFFD in its place. Default: `"error"`.
---@field utf8? "error"|"replace"

---Reads a text of JSON. The message of a wrong one names the byte, the line and column, and the part of the value.
---
---```lua
---local order, why = json.decode('{"id": 42, "items": [1, 2,]}')
---if not order then print(why) end -- expected a value, not "]" at byte 27 (1:27) in items[3]
---```
---@param text string at most 16 MiB, and a quarter of the script's memory
---@param options? moonwheel.JSONReading
---@return any value or nil
---@return string? message
---@return string? code `"json"`
function json.decode(text, options) end

---Writes a value as JSON, with the keys of objects in order. What has no JSON form is an error with its path, as
---`items[3].cb: a function has no JSON form`.
---
---```lua
---print(json.encode { b = 10 / 2, a = { json.null, {} } }) -- {"a":[null,[]],"b":5}
---```
---@param value any
---@param options? moonwheel.JSONWriting
---@return string
function json.encode(value, options) end

---The same as `json.encode` with `pretty = true`.
---@param value any
---@param options? moonwheel.JSONWriting
---@return string
function json.pretty(value, options) end

---Goes through the values of a text that has one on each line. Blank lines are left out; a wrong line is an error.
---
---```lua
---for value, line in json.lines('{"id":1}\n{"id":2}\n') do print(line, value.id) end
---```
---@param text string
---@param options? moonwheel.JSONReading
---@return fun(): any, integer
function json.lines(text, options) end

---Marks a table as an array, which JSON has as `[]` when it is empty. So it is without a mark, too.
---@generic T: table
---@param t? T default a new table
---@return T
function json.array(t) end

---Marks a table as an object, which JSON has as `{}` when it is empty.
---
---```lua
---print(json.encode { none = {}, empty = json.object() }) -- {"empty":{},"none":[]}
---```
---@generic T: table
---@param t? T default a new table
---@return T
function json.object(t) end

---Digests, random values, and bytes as text. Works while the script loads, too; `require "moonwheel.hash"` gives the
---same table.
---
---```lua
---local signature = hash.hmac("the key", '{"id":1}')
---print(signature, hash.equal(signature, "sent by somebody"))
---```
---@class moonwheel.Hash
hash = {}

---@class moonwheel.DigestForm
---Hexadecimal digits, base64, base64 of URLs without padding, or 32 bytes. Default: `"hex"`.
---@field as? "hex"|"base64"|"base64url"|"bytes"

---The SHA-256 digest of a text.
---@param text string
---@param form? moonwheel.DigestForm
---@return string
function hash.sha256(text, form) end

---The HMAC-SHA256 of a text under a key, by which a receiver that has the key knows that the text is genuine.
---@param key string
---@param text string
---@param form? moonwheel.DigestForm
---@return string
function hash.hmac(key, text, form) end

---Whether two texts are equal, in a time that does not tell where they differ. Use it to check a signature or a token.
---@param a string
---@param b string
---@return boolean
function hash.equal(a, b) end

---What `hash.base64` and `hash.from_base64` can be told.
---@class moonwheel.Base64
---The alphabet of URLs and file names (`-` and `_`), without padding.
---@field url? boolean

---Bytes as base64.
---@param bytes string
---@param options? moonwheel.Base64
---@return string
function hash.base64(bytes, options) end

---The bytes of a base64 text. Line breaks and other characters are refused.
---@param text string
---@param options? moonwheel.Base64
---@return string? bytes or nil
---@return string? message
---@return string? code `"base64"`
function hash.from_base64(text, options) end

---Bytes as hexadecimal digits.
---@param bytes string
---@return string
function hash.hex(bytes) end

---The bytes of a text of hexadecimal digits.
---@param text string
---@return string? bytes or nil
---@return string? message
---@return string? code `"hex"`
function hash.from_hex(text) end

---Random bytes that nobody can guess. In a simulation they come from its seed, and are the same in each run.
---@param count integer from 1 to 65536
---@return string
function hash.random(count) end

---A new id of 36 characters: random (version 4), or one that begins with the time, so that ids sort by their age
---(version 7). In a simulation it comes from the seed.
---@param version? 4|7 default 4
---@return string
function hash.uuid(version) end

-- Tests -------------------------------------------------------------------------------------------

---Defines a test, in a file `*_test.lua` or in a script. `moonwheel test` runs it in virtual time.
---
---```lua
---test("a beat every two seconds", { from = "2026-03-29", tz = "Europe/Berlin" }, function(sim)
---  sim:load("heartbeat.lua")
---  sim:advance("10m")
---  expect(sim:runs("heartbeat")):has_length(300)
---end)
---```
---@param name string
---@param options moonwheel.TestOptions
---@param body fun(sim: moonwheel.Simulation)
---@overload fun(name: string, body: fun(sim: moonwheel.Simulation))
function test(name, options, body) end

---@class moonwheel.TestOptions
---When the simulation begins. Default: 2026-01-01 00:00.
---@field from? moonwheel.Time
---When `sim:run()` ends.
---@field till? moonwheel.Time
---The zone of the host, and of the test's times. Default: UTC.
---@field tz? string
---The seed of `math.random` and jitter. Default: 1.
---@field seed? integer

---A host in virtual time, which a test drives and inspects. Time passes only in `advance`, `run`, and an `outage` now.
---@class moonwheel.Simulation
local Simulation = {}

---Loads a script, from a path relative to the test's file or from a text; without a path, the test's own file. A script
---that does not load is an error.
---
---```lua
---sim:load("report.lua")
---sim:load("a.lua", [[every("1s", print)]])
---```
---@param path? string
---@param text? string
---@return string name of the script
function Simulation:load(path, text) end

---Lets time pass, and runs everything that is due, up to and including the end.
---@param duration moonwheel.Duration
function Simulation:advance(duration) end

---Lets time pass up to a time, and runs everything that is due, up to and including it.
---@param till? moonwheel.Time default: the test's option `till`
function Simulation:run(till) end

---Sends an event to the scripts, and runs everything that becomes due at once.
---@param name string
---@param payload? moonwheel.Value
---@return boolean? sent or nil
---@return string? message
---@return string? code
function Simulation:emit(name, payload) end

---Promises a run, which starts at once where its job allows it.
---@param job string its name, or `"a.lua/name"` where several scripts have one
---@param args? moonwheel.Value
---@return string? id of the promised run, or nil
---@return string? message why the promise was refused
---@return string? code
function Simulation:trigger(job, args) end

---Gives scripts a function of the outside world; call it before `load`. The function runs in the test's Lua state: it
---can `expect`, but cannot wait.
---
---```lua
---sim:mock("shop.price", function(item) return item == "tea" and 3 or nil, "no such item" end)
---```
---@param name string a global, or `"table.field"`
---@param answer fun(...): ...
function Simulation:mock(name, answer) end

---Stops the host as a loss of power does, and starts it again with its store.
---
---```lua
---sim:outage("10m")                      -- now; ten minutes go by
---sim:outage("2026-03-29 01:30", "2h")   -- when that time comes
---```
---@param at moonwheel.Time
---@param duration moonwheel.Duration
---@overload fun(self: moonwheel.Simulation, duration: moonwheel.Duration)
function Simulation:outage(at, duration) end

---Moves the wall clock forward by a duration, or back by one such as `"-1h"`, now or when a time comes.
---@param at moonwheel.Time
---@param duration moonwheel.Duration
---@overload fun(self: moonwheel.Simulation, duration: moonwheel.Duration)
function Simulation:step_clock(at, duration) end

---Replaces a script by another text, as an edit does. A text that does not load changes nothing.
---@param script string
---@param text string
---@return boolean? done or nil
---@return string? message what is wrong with it
---@return string? code
---@overload fun(self: moonwheel.Simulation, text: string): boolean?, string?, string?
function Simulation:reload(script, text) end

---Each attempt of each run of a job, or of all jobs, in the order in which they started.
---@param job? string
---@return moonwheel.SimulatedRun[]
function Simulation:runs(job) end

---The events that scripts emitted and that the host sent.
---
---```lua
---for _, event in ipairs(sim:events("run.skipped")) do print(event.job, event.reason, event.count) end
---```
---@param pattern? string
---@return moonwheel.SimulatedEvent[]
function Simulation:events(pattern) end

---The lines that a job printed and logged; without a job, the lines of all scripts.
---@param job? string
---@return moonwheel.SimulatedLine[]
function Simulation:log(job) end

---The time of the simulation, in seconds since 1970.
---@return number
function Simulation:now() end

---One attempt. Times are seconds since 1970.
---@class moonwheel.SimulatedRun
---@field id string
---@field script string
---@field job string
---@field n? integer once the run has ended
---@field attempt? integer once the run has ended
---`"running"`, `"succeeded"`, `"failed"`, `"timed_out"`, `"cancelled"`, `"dropped"`, `"evicted"`, or `"abandoned"`.
---@field status string
---@field scheduled_at number
---@field started_at number
---@field ended_at? number
---@field late number
---@field result? any
---@field error? string
---The table that was raised, if the error was a table.
---@field data? table

---@class moonwheel.SimulatedEvent
---@field at number
---@field name string
---@field script? string
---@field job? string
---@field run? string
---@field scheduled_at? number
---@field payload? any
---@field reason? string
---@field count? integer
---@field error? string

---@class moonwheel.SimulatedLine
---@field at number
---@field script? string
---@field job? string
---@field level "debug"|"info"|"warning"|"error"
---@field message string
---@field fields? table

---States what a test expects of a value. A check that fails ends the test.
---
---```lua
---expect(run.status):equals("succeeded")
---expect(lines).never:contains("error")
---```
---@param value any
---@return moonwheel.Expectation
function expect(value) end

---@class moonwheel.Expectation
---Inverts the next check.
---@field never moonwheel.Expectation
local Expectation = {}

---Equal; tables by their contents.
---@param value any
---@return moonwheel.Expectation
function Expectation:equals(value) end

---The same value; tables by identity.
---@param value any
---@return moonwheel.Expectation
function Expectation:is(value) end

---@return moonwheel.Expectation
function Expectation:is_nil() end

---@return moonwheel.Expectation
function Expectation:is_true() end

---@return moonwheel.Expectation
function Expectation:is_false() end

---A text that matches a Lua pattern.
---@param pattern string
---@return moonwheel.Expectation
function Expectation:matches(pattern) end

---A text that contains a text, or a table with an item that equals the value.
---@param item any
---@return moonwheel.Expectation
function Expectation:contains(item) end

---A table or a text of a length.
---@param length integer
---@return moonwheel.Expectation
function Expectation:has_length(length) end

---@param least number
---@return moonwheel.Expectation
function Expectation:at_least(least) end

---@param most number
---@return moonwheel.Expectation
function Expectation:at_most(most) end

---@param number number
---@param distance? number default 1e-6
---@return moonwheel.Expectation
function Expectation:near(number, distance) end

---A function that raises an error; with a pattern, one whose message matches it.
---@param pattern? string
---@return moonwheel.Expectation
function Expectation:raises(pattern) end

-- Requests ----------------------------------------------------------------------------------------

---Sends requests to servers. The run waits, other runs go on. An answer is an answer whatever its status says; a failure is
---`nil`, a message and a code.
---
---```lua
---permissions { net = { "api.example.com" } }
---local answer = assert(http.get("https://api.example.com/orders", { query = { day = "today" }, fail = true }))
---print(answer.status, answer:json())
---```
---@class moonwheel.HTTP
http = {}

---What a server has answered.
---@class moonwheel.Response
---@field status integer such as 200
---@field ok boolean whether the status is from 200 to 299
---@field headers table<string, string> by name, in whatever case; those that come several times are joined by `, `
---@field body string? unpacked; nil if it went to a file
---@field url string the last one, after redirects
---@field redirects integer how many there were
---@field elapsed number seconds until the whole answer was there
---@field size integer bytes of the body
---@field path string? of the file to which the body went
local Response = {}

---Reads the body as JSON, as `json.decode` does.
---@param options? moonwheel.JSONReading
---@return any value or nil
---@return string? message
---@return string? code `json`
function Response:json(options) end

---All values of a header that comes several times, such as `set-cookie`.
---@param name string
---@return string[]
function Response:all(name) end

---What a request is and what bounds it. Of `body`, `json`, `form`, `multipart` and `from` there is one at most.
---@class moonwheel.RequestOptions
---@field aws table? `{ region, service, key, secret, token }`: signs it as services of Amazon want it
---@field basic string[]? `{ user, password }`
---@field bearer string? a token, sent as `Authorization: Bearer`
---@field body string? what is sent
---@field ca string? the file with the authorities that are trusted, in PEM; default those of the system
---@field cert string? the file with a certificate of ours, in PEM; its key is in `key`
---@field compressed boolean? whether the server may pack the body; default true
---@field connect_timeout moonwheel.Duration? default 5 s
---@field fail boolean? whether a status from 400 on is a failure, with the code `status` and the answer behind it
---@field form table<string, any>? names and values, sent as a form
---@field from string? the path of a file that is sent
---@field headers table<string, string|string[]>?
---@field insecure boolean? do not check who the server is; needs the permission `insecure`
---@field json any? a value that is sent as JSON
---@field key string? the file with the key of `cert`, in PEM
---@field max_size integer|string? bytes of the body, unpacked; default `"10 MiB"`, with `to` `"1 GiB"`
---@field multipart table[]? parts `{ name, value | file, filename, type }`, sent as a form with files
---@field proxy string|false? the URL of a proxy, or none; default that of the host's environment
---@field query table<string, any>? names and values that are added to the URL
---@field redirects integer? how many are followed; default 5
---@field retry integer|table? how many more attempts there are, or a table as that of jobs
---@field timeout moonwheel.Duration? of one attempt, with its redirects; default 30 s
---@field to string? the path of a file to which the body goes, if the status is from 200 to 299
---@field unix string? the path of a socket to connect to; needs the permission `unix`

---@param url string
---@param options? moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code `denied`, `dns`, `connect`, `tls`, `timeout`, `too_large`, `redirects`, `status` ...
---@return moonwheel.Response? partial the answer behind a failure with the code `status`
function http.get(url, options) end

---As `http.get`, for the headers alone.
---@param url string
---@param options? moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.head(url, options) end

---@param url string
---@param options? moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.delete(url, options) end

---@param url string
---@param options? moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.options(url, options) end

---@param url string
---@param options moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.post(url, options) end

---@param url string
---@param options moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.put(url, options) end

---@param url string
---@param options moonwheel.RequestOptions
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.patch(url, options) end

---Sends a request of any method: options with `url` and `method`. Tests mock it for all methods:
---`sim:mock("http.request", function(options) return { status = 200, body = "..." } end)`.
---@param options table as those of `http.get`, with `url` and `method`
---@return moonwheel.Response? answer or nil
---@return string? message
---@return string? code
---@return moonwheel.Response? partial
function http.request(options) end

---Leaves a request that the host sends when the run has ended in whatever way, also after the host was killed. A `<close>`
---variable sends it where the variable ends, and `cancel()` takes it back.
---
---```lua
---permissions { net = { "api.example.com" } }
---local lock <close> = assert(http.on_end { method = "DELETE", url = "https://api.example.com/locks/1" })
---```
---@param options table `url` and `method`, and of the options of `http.get` those that a request can have without its run
---@return { cancel: fun() }? left or nil
---@return string? message
---@return string? code
function http.on_end(options) end

-- Secrets -----------------------------------------------------------------------------------------

---Values that do not belong into a script, such as passwords and tokens. What a script was given is `***` in the log, the history
---and all that the host shows. Works while the script loads. In simulations and tests it is `"<secret NAME>"`.
---
---```lua
---permissions { secret = { "SHOP_TOKEN" } }
---local token = assert(secret("SHOP_TOKEN"))
---```
---@class moonwheel.Secrets
---@overload fun(name: string): string?, string?, string?
secret = {}

---The value of a secret, as `secret(name)` gives it. Tests mock it: `sim:mock("secret.get", function(name) return "a value" end)`.
---@param name string
---@return string? value or nil
---@return string? message
---@return string? code `missing` or `denied`
function secret.get(name) end

-- Mail --------------------------------------------------------------------------------------------

---Sends mails through the server that the host was started with (`--smtp`).
---@class moonwheel.MailModule
mail = {}

---@class moonwheel.Mail
---@field to string|string[]? addresses, such as `"ann@example.org"` or `"Ann Lee <ann@example.org>"`
---@field cc string|string[]?
---@field bcc string|string[]? nobody else sees these
---@field from string? default what `--smtp` says, or `moonwheel` at the machine
---@field reply_to string|string[]?
---@field subject string?
---@field text string?
---@field html string? with `text`, readers choose one of both
---@field attachments moonwheel.Attachment[]?
---@field headers table<string, string>? further ones, such as `{ ["X-Job"] = "nightly" }`

---@class moonwheel.Attachment
---@field name string? default the name of the file
---@field body string? its content
---@field file string? or the path of a file that the script may read
---@field type string? default by the end of the name

---Sends a mail, and waits until the server has taken it; other runs go on. Tests mock it: `sim:mock("mail.send", function(mail) return "<id>" end)`.
---
---```lua
---permissions { mail = { "*@example.org" } }
---assert(mail.send { to = "ann@example.org", subject = "Done", text = "All is well." })
---```
---@param mail moonwheel.Mail
---@return string? id the Message-ID, or nil
---@return string? message
---@return string? code `denied`, `connect`, `tls`, `auth`, `refused`, `temporary`, `timeout` or `too_large`; one of `fs` for a file
function mail.send(mail) end

-- Programs ----------------------------------------------------------------------------------------

---Runs programs. `sh("text")` gives a text to `/bin/sh`; `sh { "git", "pull" }` runs a program with its words, and no shell
---reads them. The run waits, other runs go on. A program that is not ok is a failure, so `assert(sh("backup"))` loses none.
---
---```lua
---permissions { run = { "sh", "git" } }
---local log = assert(sh { "git", "log", "-1", cwd = "site", timeout = "10s" })
---print(log.stdout)
---```
---@class moonwheel.Shell
---@overload fun(command: string|table, options?: moonwheel.ShellOptions): moonwheel.ShellResult?, string?, string?, moonwheel.ShellResult?
sh = {}

---How a program has ended.
---@class moonwheel.ShellResult
---@field code integer? its exit code; nil if a signal ended it
---@field signal string? the signal that ended it, such as `"TERM"`
---@field ok boolean whether the code is one of `ok_codes`
---@field stdout string its first and last half, if it is more than `max_output`
---@field stderr string
---@field truncated boolean whether a part of either is left out
---@field duration number in seconds
---@field path string? of the file of `to`
---@field size integer? of that file, in bytes

---@class moonwheel.ShellOptions
---@field confine boolean? false: the program may reach what the host may, which needs `run = { "unconfined" }`; default true, what the script may
---@field cpu moonwheel.Duration? processor time of each of its processes
---@field cwd string? its folder, from that of the script on, which is the default
---@field detach boolean? true: what it leaves in the background goes on, which needs `run = { "detach" }`
---@field env table<string, string|integer>? variables beside `PATH HOME USER LANG TZ TMPDIR` and those of `MOONWHEEL_`
---@field kill_after moonwheel.Duration? from SIGTERM to SIGKILL; default 5 s
---@field log boolean? false: its lines do not come into the log
---@field max_output integer|string? how much of stdout and of stderr is kept; default `"1M"`, at most `"16M"`
---@field memory integer|string? address space of each of its processes
---@field nice integer? 0 to 19
---@field ok_codes integer[]? exit codes that are no failure; default `{ 0 }`
---@field shell string? the shell of a text; default `"sh"`. With `"bash"` a failure within a pipe is one
---@field stdin string|{ file: string }? what it reads; default nothing
---@field timeout moonwheel.Duration? after which it is ended; default none but the run's
---@field to string? a file that gets stdout, as a whole when the program has ended well

---Runs a program, as `sh(command, options)` does. Tests mock it: `sim:mock("sh.run", function(command) return "its output" end)`.
---@param command string|table a text for the shell, or a list of words, which may have options as named fields
---@param options? moonwheel.ShellOptions
---@return moonwheel.ShellResult? result or nil
---@return string? message
---@return string? code `exit`, `signal`, `timeout`, `spawn`, `denied` or `busy`
---@return moonwheel.ShellResult? partial the result of a program that failed
function sh.run(command, options) end

---@class moonwheel.PythonOptions : moonwheel.ShellOptions
---@field python string? the interpreter; default `"python3"`

---Runs a text of Python with a value as JSON on stdin. The last line that it prints is JSON, too.
---
---```lua
---permissions { run = { "python3" } }
---local double = assert(sh.python("import json, sys; print(json.load(sys.stdin) * 2)", 21))
---```
---@param code string
---@param value? any
---@param options? moonwheel.PythonOptions
---@return any value or nil
---@return moonwheel.ShellResult|string result or a message
---@return string? code as of `sh.run`, or `json`
---@return moonwheel.ShellResult? partial
function sh.python(code, value, options) end

---Makes one word of any text, for a shell.
---
---```lua
---local name = "it's.txt"
---assert(sh("wc -l < " .. sh.quote(name)))
---```
---@param text string
---@return string word
function sh.quote(text) end

-- Other machines ----------------------------------------------------------------------------------

---Runs commands on other machines, and sends and fetches files, by the system's own `ssh` and `sftp`. The command ends with its run.
---
---```lua
---permissions { net = { "backup.lan" } }
---print(assert(ssh("backup.lan", "df -h /srv")).stdout)
---```
---@class moonwheel.SSH
---@overload fun(host: string, command: string|table, options?: moonwheel.SSHOptions): moonwheel.ShellResult?, string?, string?, moonwheel.ShellResult?
ssh = {}

---@class moonwheel.SSHConnection
---@field connect_timeout moonwheel.Duration? how long the connection may take to come about; default 10 s
---@field kill_after moonwheel.Duration? from SIGTERM to SIGKILL; default 5 s
---@field port integer? default that of the settings of ssh, or 22
---@field timeout moonwheel.Duration? after which it is ended; default none but the run's
---@field user string? default that of the settings of ssh, or the user of the host

---@class moonwheel.SSHOptions : moonwheel.SSHConnection
---@field cwd string? the folder on the far machine
---@field identity string? the text of a private key
---@field log boolean? false: its lines do not come into the log
---@field max_output integer|string? how much of stdout and of stderr is kept; default `"1M"`, at most `"16M"`
---@field ok_codes integer[]? exit codes that are no failure; default `{ 0 }`
---@field stdin string|{ file: string }? what the command reads; default nothing
---@field to string? a file here that gets stdout, as a whole when the command has ended well

---Runs a command on another machine, as `ssh(host, command, options)` does. Tests mock it: `sim:mock("ssh.run", ...)`.
---@param host string a name, or `user@name`
---@param command string|table a text for the shell there, or a list of words
---@param options? moonwheel.SSHOptions
---@return moonwheel.ShellResult? result or nil
---@return string? message
---@return string? code `connect`, `auth`, or as of `sh.run`
---@return moonwheel.ShellResult? partial
function ssh.run(host, command, options) end

---Sends a file, which appears there when it is whole.
---@param host string
---@param from string a path here
---@param to string a path there
---@param options? moonwheel.SSHConnection
---@return moonwheel.ShellResult? result with `size`, or nil
---@return string? message
---@return string? code
function ssh.put(host, from, to, options) end

---Fetches a file, which appears here when it is whole.
---@param host string
---@param from string a path there
---@param to string a path here
---@param options? moonwheel.SSHConnection
---@return moonwheel.ShellResult? result with `size`, or nil
---@return string? message
---@return string? code
function ssh.get(host, from, to, options) end
