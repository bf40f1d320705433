import JobStore

extension Store {
  /// Keeps everything in a file of SQLite, beside which SQLite and the scheduler put files of the same name with
  /// `-wal`, `-shm` and `.lock` after it.
  ///
  /// The scheduler makes the file and its folder if they are missing, and locks the file: a second scheduler on it throws
  /// `StoreError` with the code `held`. A damaged file throws `corrupt`, and stays as it is.
  ///
  /// - Parameters:
  ///   - path: a relative path begins in the working folder of this moment.
  ///   - busyTimeout: how long a call waits where another program has locked the file.
  public static func sqlite(_ path: String, busyTimeout: Duration = .seconds(5)) -> Store {
    let file = StoreFile(path)
    return Store { SQLiteJobStore(file, busyTimeout: busyTimeout) }
  }
}
