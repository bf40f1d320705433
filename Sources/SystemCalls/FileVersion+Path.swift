extension FileVersion {
  /// The version of the regular file at the path, links followed; nil if there is none that can be reached.
  package init?(of path: String) {
    guard let status = FileStatus(of: path), status.kind == .file else { return nil }
    self = status.version
  }
}
