import MoonwheelModel

extension Registration {
  /// The job as `exec` installs it: paused, without retries and hooks, so that it runs once, on command.
  var dormant: Registration {
    var policy = policy.value
    policy.paused = true
    policy.now = false
    policy.retry = nil
    policy.restart = false
    policy.hooks = []
    var dormant = self
    dormant.policy = SharedPolicy(policy, hold: self.policy.hold)
    return dormant
  }
}
