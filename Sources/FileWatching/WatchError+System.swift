import Glibc
import SystemCalls

extension WatchError {
  /// The failure to list or watch a file or folder.
  init(path: String, systemCode: Int32) {
    let reason = SystemCallError(call: path, code: systemCode).description
    switch systemCode {
    case ENOENT, ENOTDIR: self.init(code: .missing, path: path, description: reason)
    case EACCES, EPERM: self.init(code: .unreadable, path: path, description: reason)
    case ENOSPC:
      self.init(
        code: .limit, path: path,
        description: "\(path): cannot be watched, because the user's limit of watches is reached; "
          + "raise fs.inotify.max_user_watches, or run with --no-watch and reload with SIGHUP")
    default: self.init(code: .system, path: path, description: reason)
    }
  }

  /// The failure to make the watcher itself.
  init(_ error: SystemCallError) {
    let isLimit = error.code == EMFILE || error.code == ENFILE || error.code == EAGAIN
    let remedy =
      isLimit ? "; raise fs.inotify.max_user_instances or the limit of open files (ulimit -n)" : ""
    self.init(
      code: isLimit ? .limit : .system, path: "",
      description: "files cannot be watched: \(error)\(remedy)")
  }
}
