extension PolicyCase {
  private static func job(_ policy: PolicyCase) -> String {
    let grace = policy.grace.map { "\"\($0 / 1_000_000_000)s\"" } ?? "false"
    let retry = policy.retry == 0 ? "false" : "{ max = \(policy.retry), from = \"1s\", jitter = 0 }"
    let most = policy.overlap == .allow ? "max_instances = 2," : ""
    return """
      every("2s", { name = "\(policy.description)", overlap = "\(policy.overlap)", \(most)
        catchup = "\(policy.catchup)", grace = \(grace), retry = \(retry) }, work)

      """
  }

  /// A script with a job for each case; the events `pause` and `resume` do so with all of them.
  package static let script =
    """
    local function work(run)
      sleep("3500ms")
      if run.n == 1 then error("down") end
    end

    """ + all.map { job($0) }.joined()
      + """
      on("pause", function() for _, j in ipairs(jobs()) do if j.name:find(",") then j:pause("for a test") end end end)
      on("resume", function() for _, j in ipairs(jobs()) do if j.name:find(",") then j:resume() end end end)
      """
}
