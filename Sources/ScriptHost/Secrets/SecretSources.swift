import SystemCalls

/// Where the secrets of a host come from: the first of these that has one gives it.
package struct SecretSources: Sendable {
  /// The embedder's.
  package var closure: (@Sendable (_ name: String) -> String?)?
  /// A folder with one file a secret.
  package var folder: String?
  /// Taken out of the environment of the process.
  package var taken: [String: [UInt8]] = [:]
  /// For those who only look at scripts: each secret is there, and has the value of a simulation.
  package var areNames = false

  package init() {}

  /// Why a folder cannot have secrets; nil if it can.
  package static func problem(withFolder path: String) -> String? {
    switch FileStatus(of: path)?.kind {
    case .folder: nil
    case nil: "no such folder: \(path)"
    case .file, .link, .other:
      "must be a folder with one file for each secret, which \(path) is not"
    }
  }
}
