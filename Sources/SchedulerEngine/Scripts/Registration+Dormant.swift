import MoonwheelModel

extension Registration {
  /// The job as one that runs when it is told to, once.
  var dormant: Registration {
    var policy = policy.value
    policy.paused = true
    policy.now = false
    policy.retry = nil
    policy.restart = false
    policy.hooks = []
    var dormant = self
    dormant.policy = SharedPolicy(policy)
    return dormant
  }
}
