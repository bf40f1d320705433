import Moonwheel

/// The arguments of `run` as the user wrote them.
struct RunArguments: Equatable {
  var paths: [String] = []
  var values: [RunOption: String] = [:]
  var noWatch = false
  var grants = GrantFlags()
  var allowsUnsafeLua = environmentFlag("ALLOW_UNSAFE_LUA")

  func setting(_ option: RunOption) -> Setting? {
    Setting(option.rawValue, values[option])
  }

  func configuration() throws(Failure) -> Configuration {
    var configuration = try ScriptOptions.configuration(
      paths, values[.timeZone], allowsUnsafeLua: allowsUnsafeLua)
    configuration.watches = !(noWatch || environmentFlag("NO_WATCH"))
    if let pattern = try setting(.logEvents)?.pattern() {
      configuration.logEvents = pattern
    }
    if let workers = try setting(.workers)?.integer(in: 1...1024) {
      configuration.workers = workers
    }
    if let slice = try setting(.slice)?.length(in: 100_000...1_000_000_000) {
      configuration.slice = .nanoseconds(slice)
    }
    if let length = try setting(.stuckAfter)?.length() {
      configuration.stuckAfter = .nanoseconds(length)
    }
    if let memory = try setting(.memory)?.bytes(atLeast: 1 << 20) {
      configuration.hostMemory = memory
    }
    if let script = setting(.onFailure) { configuration.onFailure = try script.scriptFile() }
    if let file = setting(.sshConfig) { configuration.sshConfig = try file.readableFile() }
    configuration.smtp = try setting(.smtp)?.mailServer()
    let alarm = try BuiltInAlarm(
      mail: setting(.onFailureMail), webhook: setting(.onFailureWebhook))
    try alarm?.serve(in: &configuration)
    if let timeout = try setting(.shutdownTimeout)?.length() {
      configuration.shutdownTimeout = .nanoseconds(timeout)
    }
    configuration.selection.secrets = try HostSecrets.sources(setting(.secrets))
    return configuration
  }
}
