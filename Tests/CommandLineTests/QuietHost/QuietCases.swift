/// The cases. A test checks that every pair of values is in at least one of the upper cases or those below, which once
/// failed or are similar to one that did.
extension QuietCase {
  static let all = [
    QuietCase(.every, .nothing, hook: .success, wait: .event, times: 2, [.state, .retry]),
    QuietCase(.every, .nothing, hook: .failure, wait: .event, [.state, .retry]),
    QuietCase(
      .every, .value, hook: .retry, overlap: .allow, times: 2, [.state, .retry, .privateIsolate]),
    QuietCase(.every, .error, wait: .sleep, overlap: .replace, times: 2),
    QuietCase(
      .every, .error, hook: .failure, wait: .sleep, overlap: .queue, times: 1,
      [.state, .privateIsolate]),
    QuietCase(.every, .timeout, hook: .success, overlap: .replace, times: 1),
    QuietCase(.every, .cancel, overlap: .allow, times: 1),
    QuietCase(.cron, .nothing, hook: .retry, overlap: .replace, times: 1, [.retry]),
    QuietCase(.cron, .value, wait: .event, times: 1, [.state, .privateIsolate]),
    QuietCase(.cron, .error, wait: .sleep, overlap: .allow, [.state]),
    QuietCase(.cron, .timeout, hook: .failure, overlap: .allow, times: 2, [.privateIsolate]),
    QuietCase(.cron, .cancel, hook: .success, overlap: .queue, times: 2, [.state, .retry]),
    QuietCase(.at, .nothing, hook: .failure, wait: .sleep, overlap: .queue, [.state]),
    QuietCase(.at, .value, hook: .success, wait: .event, overlap: .allow, [.state, .retry]),
    QuietCase(.at, .error, hook: .success, [.state, .retry, .privateIsolate]),
    QuietCase(.at, .timeout, [.retry]),
    QuietCase(
      .at, .cancel, hook: .retry, wait: .event, overlap: .replace, [.state, .privateIsolate]),
    QuietCase(
      .after, .nothing, hook: .success, wait: .sleep, overlap: .allow, [.state, .privateIsolate]),
    QuietCase(.after, .value, wait: .sleep, overlap: .queue, [.retry]),
    QuietCase(.after, .error, hook: .failure, wait: .event, [.state]),
    QuietCase(.after, .timeout, hook: .retry, overlap: .replace, [.retry]),
    QuietCase(.after, .cancel, hook: .retry, [.retry, .privateIsolate]),
    QuietCase(.event, .nothing, overlap: .allow, [.state, .retry]),
    QuietCase(.event, .value, hook: .failure, wait: .event, overlap: .replace),
    QuietCase(.event, .error, hook: .success, [.retry, .privateIsolate]),
    QuietCase(.event, .timeout, hook: .retry, [.state, .retry]),
    QuietCase(.event, .cancel, hook: .retry, wait: .sleep, overlap: .queue, [.state]),
    QuietCase(.promise, .nothing, hook: .failure, overlap: .replace, [.retry, .privateIsolate]),
    QuietCase(.promise, .value, wait: .event, overlap: .queue, [.state, .retry, .privateIsolate]),
    QuietCase(.promise, .error, hook: .retry, wait: .sleep, [.state, .privateIsolate]),
    QuietCase(.promise, .timeout, hook: .success, overlap: .queue, [.state]),
    QuietCase(.promise, .cancel, hook: .failure, wait: .event, overlap: .allow, [.retry]),

    QuietCase(.every, .nothing, [.state]),
    QuietCase(.every, .error, hook: .failure),
    QuietCase(.every, .value, hook: .success),
    QuietCase(.every, .cancel, wait: .sleep, [.state]),
    QuietCase(.cron, .error, hook: .failure, [.retry]),
    QuietCase(.cron, .nothing, hook: .success, wait: .sleep),
    QuietCase(.at, .timeout, hook: .failure),
    QuietCase(.after, .error, hook: .retry, [.retry]),
    QuietCase(.event, .error, hook: .failure),
    QuietCase(.promise, .error, hook: .failure, [.retry]),
  ]
}
