/// A script that calls every word of the Lua API with senseless arguments. It draws them from a seed, so that equal
/// seeds make equal calls, and records each call before it makes it.
enum FuzzScript {
  /// `note` names the function that records a call; `extra` holds further words, as Lua lines `word(name, f)`.
  static func text(seed: UInt64, note: String, calls: Int, extra: String = "") -> String {
    """
    local seed, note, calls = \(Int64(bitPattern: seed << 1 | 1)), \(note), \(calls)
    local values_text = [==[
    \(values)
    ]==]
    local lengths_text = [==[
    \(lengths)
    ]==]
    local specs_text = [==[
    \(specs)
    ]==]
    \(driver)
    \(extra)
    start()
    """
  }

  /// Expressions for arguments; `S` holds values that have no literal.
  private static let values = #"""
    nil
    true
    false
    0
    1
    2
    -1
    -0.0
    0.5
    0/0
    1/0
    -1/0
    math.mininteger
    math.maxinteger
    2^53 + 1
    2^63
    -2^63
    1e300
    -1e300
    1e-300
    9e9
    -9e9
    9223372036
    -9223372036.85
    1e8
    1767225600
    253402300800
    292277026596
    9007199254740993
    ""
    " "
    "x"
    "\0"
    "a\0b"
    "\xff\xfe"
    "caf\xe9"
    "e\u{301}"
    "\u{1F468}\u{200D}\u{1F469}"
    "[" .. ("["):rep(300)
    ("x"):rep(300)
    ("."):rep(5000)
    ("x"):rep(70000)
    ("\xff"):rep(70000)
    ("x"):rep(2000000)
    "a.b"
    "a.*"
    "**"
    "*.x | y | **.z"
    "fuzz.a"
    "run.*"
    "job.** | script.* | scheduler.*"
    "%"
    "%d %Y %j %c %x %X %z %Z %s %e %E"
    "*t"
    "!*t"
    "!%c"
    "Europe/Berlin"
    "Pacific/Apia"
    "../etc/passwd"
    "UTC+99"
    "name"
    "a"
    "b"
    "moonwheel"
    "moonwheel.x"
    {}
    { 1, 2, 3 }
    { 1, nil, 3 }
    { n = 1 }
    { "x" }
    { [0.5] = 1, [true] = 2, [-1] = 3 }
    { ["\xff"] = "\xff", ["e\u{301}"] = 1, ["\u{e9}"] = 2 }
    { ttl = "1s" }
    { ttl = "keep", version = 1 }
    { absent = true, ttl = 0.001 }
    { limit = 2, after = "a" }
    "self.a"
    { word = "every", "1s" }
    { word = "cron", {}, {}, {} }
    { word = "dates", { "2026-12-25" } }
    { op = "|", { word = "every", "1s" }, { word = "on", "x" } }
    { op = "-", S.trigger, S.trigger }
    { op = "?", S.trigger, S.span }
    { word = "trigger", S.F }
    { year = 2026, month = 3, day = 29, hour = 2, min = 30 }
    { year = math.mininteger, month = math.maxinteger, day = -1 }
    { year = 1e8 - 1, month = 99999999, day = 99999999, sec = -99999999 }
    { year = "2026", month = 1.0, day = 0/0 }
    { message = "x", code = 1, retry = false }
    { message = {}, retry = 1 }
    { soft = "10ms", hard = "106751d" }
    { soft = 9.2e9, hard = 9.2e9 }
    { max = 3, from = "100us", to = "106751d", factor = 1000, jitter = 1 }
    { max = 1000000, from = "106000d", to = "106751d", factor = 1, jitter = 1 }
    { max = 2, unless = "(a*)*b" }
    json.null
    json.object()
    json.array()
    { json.null, { json.object() } }
    json.decode
    "[1,{\"a\":null,\"a\":[-1.5e3,\"\\u00e9\"]},18446744073709551615]"
    "{\"a\":[[[["
    "[\"\\ud800\"]"
    "[1]\n\n{}\nx"
    ("[1,"):rep(200)
    ("{\"a\":"):rep(100) .. "1" .. ("}"):rep(100)
    { nulls = true, big = "string", utf8 = "replace", duplicates = "error" }
    { pretty = true, utf8 = "replace" }
    { as = "base64url" }
    { url = true }
    "Zm9vYg=="
    { from = "2026-01-01", till = "2027-01-01", seed = 3, tz = "Europe/Berlin" }
    { from = 9e9 - 1, till = 9e9 - 1, seed = math.maxinteger }
    S.cycle
    S.deep
    S.deeper
    S.wide
    S.raiser
    S.liar
    S.weak
    S.F
    S.say
    S.coroutine
    S.job
    S.ended
    S.private
    S.handler
    S.run
    S.old
    S.event
    S.trigger
    S.span
    S.on
    cancel
    jobs
    scheduler
    print
    os
    _G
    coroutine.running()
    """#

  private static let lengths = #"""
    "50ms"
    "100us"
    "1ms"
    "10ms"
    "1s"
    "1 hour"
    "106751d"
    "106000d"
    "9223372036854775000ns"
    "9223372036s"
    "PT1H30M"
    "292 years"
    "-1s"
    "0s"
    "1e300s"
    "99999999999999999999s"
    0.0001
    0.05
    1
    86400
    9.2e9
    9223372036.85
    1e10
    """#

  /// Words with their usual arguments.
  private static let specs = #"""
    "every", "50ms"
    "every", 0.05
    "every", "100us to 106751d"
    "every", "5 to 10 minutes"
    "every", "day at 10:30, 17:30"
    "every", "weekday at 09:00"
    "every", "1000000 months on the 31st"
    "every", "1000000 minutes at :17"
    "every", "sunset - 24h"
    "every", "month on the last weekday"
    "every", "106751d"
    "cron", "* * * * * *"
    "cron", "*/7 * * * * *"
    "cron", "0 0 29 2 *"
    "cron", "H(0-29)/15 ~ L-30 jan-dec fri#5"
    "cron", "0 0 0 31 12 ? 2262"
    "cron", "@reboot"
    "at", "2026-12-24 18:00"
    "at", "1678-01-01"
    "at", "2261-12-31T23:59:59.999999999-24:00"
    "at", "tomorrow"
    "at", 9.1e9
    "at", -9.1e9
    "after", "100us"
    "after", "106751d"
    "after", 9.2e9
    "on", "fuzz.a"
    "on", "fuzz.*"
    "on", "**"
    "on", "run.* | job.*"
    "on", "a|b|c|**"
    "trigger", S.say
    "trigger", S.F
    """#
}
