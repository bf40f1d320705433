import LuaRuntime
import MoonwheelModel

extension LuaAPI {
  /// Functions for all jobs of the script: `clear`, `run_all`, `idle`, `scheduler.pause`, `scheduler.resume`.
  static let script: [HostFunction] = [
    function("jobs_to_clear", ["tag"]) { (call) throws(Mistake) in
      try refuseWhileLoading(call, "clear")
      if let tag = call[0].text { try HostCall.refuseRunID(tag, "clear", "the tag of jobs") }
      return try taggedJobs(call)
    },
    function("jobs_to_run", ["delay"]) { (call) throws(Mistake) in
      try refuseWhileLoading(call, "run_all")
      let delay = call[0].isNil ? 0 : try duration(call[0], "run_all")
      return .values([.list(jobsToRun(call.isolate)), .number(Double(delay) / 1e9)])
    },
    function("scheduler", ["word"], mayPark: true) { (call) throws(Mistake) in
      try refuseWhileLoading(call, try call.text(0, "the word"))
      let isolate = call.isolate
      let start = isolate.budgets.scriptCalls.next(
        jobs: isolate.registry.count, isAnnounced: call[0] != "idle",
        now: isolate.environment.clock.elapsed)
      guard let start else { return .nothing }
      _ = isolate.park(call.coroutine, until: start)
      return .park
    },
    function("idle", mayPark: true) { (call) throws(Mistake) in
      let park = call.isolate.park(call.coroutine, until: nil)
      call.isolate.post(.idle(call.isolate.script, reply: park))
      return .park
    },
    function("pause", mayPark: true) { (call) throws(Mistake) in
      pause(true, call)
    },
    function("unpause", mayPark: true) { (call) throws(Mistake) in
      guard !call.isolate.environment.isPaused(call.isolate.script) else {
        return .refuse(
          "the host has paused this script; change it to resume it", code: "paused")
      }
      return pause(false, call)
    },
  ]

  /// All jobs except event handlers, which need an event, and the calling job, which is running.
  private static func jobsToRun(_ isolate: ScriptIsolate) -> [Value] {
    isolate.registry.handles(tagged: nil).filter { handle in
      handle != isolate.current?.handle && isolate.registry[handle]?.isHandler == false
    }.map { .job($0) }
  }

  private static func pause(_ isPaused: Bool, _ call: HostCall) -> HostReply {
    let isolate = call.isolate
    let park = isolate.park(call.coroutine, until: nil)
    isolate.post(
      .pauseScript(
        isolate.script, isPaused, reason: isPaused ? "it paused itself" : "it resumed itself",
        depth: isolate.current?.depth ?? 0, reply: park))
    return .park
  }
}
