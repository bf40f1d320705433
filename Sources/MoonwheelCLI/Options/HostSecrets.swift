import Moonwheel
import ScriptHost
import SystemCalls

extension Setting {
  /// The URL of a server for mail.
  func mailServer() throws(Failure) -> String {
    do throws(MailServer.Problem) {
      _ = try MailServer(text)
    } catch {
      throw Failure("\(name) \(error)", code: 64)
    }
    return text
  }
}

/// The secrets that this process was given, and its protection.
enum HostSecrets {
  private static let prefix = "MOONWHEEL_SECRET_"

  /// What was taken, by the name of the secret.
  private static let taken = Dictionary(
    Environment.take(beginningWith: prefix).map {
      (String($0.name.dropFirst(prefix.count)), $0.value)
    }
  ) { first, _ in first }

  /// Takes `MOONWHEEL_SECRET_*` out of the environment, so that nobody reads them from `/proc`. Call it while there is one
  /// thread.
  static func take() {
    if !taken.isEmpty { Processes.forbidInspection() }
  }

  /// Where the scripts get secrets from. A process that has any lets no other process of its user look into its memory.
  static func sources(_ folder: Setting?) throws(Failure) -> SecretSources {
    var sources = SecretSources()
    sources.taken = taken
    guard let folder else { return sources }
    if let problem = SecretSources.problem(withFolder: folder.text) { throw folder.wrong(problem) }
    sources.folder = Paths.absolute(folder.text)
    Processes.forbidInspection()
    return sources
  }
}
