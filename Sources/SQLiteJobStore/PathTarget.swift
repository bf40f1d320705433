import SystemCalls

/// The file that a path leads to, as far as the system tells.
enum PathTarget: Hashable {
  case file(FileIdentity)
  case missing
  case unknown(SystemCallError)

  init(of path: String) {
    do {
      self = .file(try FileStatus(reading: path).identity)
    } catch {
      self = error.isMissing ? .missing : .unknown(error)
    }
  }

  /// The open file itself, even if its path now leads to another one.
  init(of descriptor: borrowing Descriptor) {
    do {
      self = .file(try descriptor.status().identity)
    } catch {
      self = .unknown(error)
    }
  }
}
