import FileWatching
import ScriptHost
import SystemCalls

extension Configuration {
  /// Where the alarm script is: an absolute path, or the name of one of ``texts``.
  package var alarmPlace: String? {
    onFailure.map { hasAlarmText ? $0 : Paths.absolute($0) }
  }

  private var hasAlarmText: Bool { texts.contains { $0.name == onFailure } }

  /// The paths of the scripts to serve: ``paths``, and the alarm script if it is not below them.
  package var servedPaths: [String] {
    guard !hasAlarmText, let alarm = onFailure.map(Paths.absolute) else { return paths }
    let isBelow = paths.contains {
      ScriptRoot(path: Paths.absolute($0)).name(ofScript: alarm) != nil
    }
    return isBelow ? paths : paths + [alarm]
  }

  /// Throws if the alarm script is not a file.
  package func checkAlarmScript() throws(ScriptError) {
    guard let path = onFailure, !hasAlarmText else { return }
    switch FileStatus(of: path)?.kind {
    case .file: return
    case nil:
      throw ScriptError(
        .unreadable, script: path,
        "the alarm script \(path): no such file; on-failure takes the path of a script")
    case .folder, .link, .other:
      throw ScriptError(
        .unreadable, script: path,
        "the alarm script \(path) is not a file; on-failure takes the path of a script")
    }
  }
}
