/// Files that decide what scripts may do, whose changes hold at once.
package struct PolicyWatch: Sendable {
  /// Absolute paths, which need not exist.
  package let files: Set<String>
  /// Reads the files again; on any thread.
  package let read: @Sendable () -> PolicyChange

  package init(files: Set<String>, read: @escaping @Sendable () -> PolicyChange) {
    self.files = files
    self.read = read
  }
}

/// What has changed when a policy was read again.
package struct PolicyChange: Sendable {
  /// What the user should know: a file that cannot be read, or is gone.
  package let news: [String]
  /// Whether something else is granted or denied to the script of a name.
  package let concerns: @Sendable (_ script: String) -> Bool

  package init(news: [String], concerns: @escaping @Sendable (_ script: String) -> Bool) {
    self.news = news
    self.concerns = concerns
  }
}
