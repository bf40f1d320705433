import Glibc
import ModuleKit
import SystemCalls

/// Why something cannot be done with a file, without its path.
enum FileFailure: Error, Equatable {
  enum Code: String {
    case missing, exists, io, busy
    case isDir = "is_dir"
    case notDir = "not_dir"
    case notFile = "not_file"
    case notEmpty = "not_empty"
    case noSpace = "no_space"
    case tooLarge = "too_large"
  }

  /// The script may not do this there.
  case denied(PermissionKind)
  case refused(Code, String)
  /// The run that wanted it has ended.
  case unwanted

  init(_ error: SystemCallError) { self = .refused(Self.code(error.code), error.reason) }

  var isMissing: Bool {
    if case .refused(let code, _) = self { code == .missing || code == .notDir } else { false }
  }

  var isDenied: Bool { if case .denied = self { true } else { false } }

  private static func code(_ number: Int32) -> Code {
    switch number {
    case ENOENT: .missing
    case EEXIST: .exists
    case EISDIR: .isDir
    case ENOTDIR: .notDir
    case ENOTEMPTY: .notEmpty
    case ENOSPC, EDQUOT, EFBIG: .noSpace
    case EBUSY, ETXTBSY, EMFILE, ENFILE, EAGAIN: .busy
    case ENXIO, ENODEV: .notFile
    default: .io
    }
  }

  static let irregular = FileFailure.refused(.notFile, "this is not a regular file")
  static let isFolder = FileFailure.refused(.isDir, "this is a folder")
  static let noParent = FileFailure.refused(
    .missing, "its folder is missing; fs.mkdir makes it")

  static func tooLarge(_ limit: Int, _ remedy: String = "") -> FileFailure {
    .refused(.tooLarge, "this is larger than \(Bytes.text(limit))\(remedy)")
  }
}

/// What a script reads of a failure.
extension FileFailure {
  /// Records a denial. `path` is as the script wrote it.
  func refusal(of path: String, _ call: FunctionCall) -> Refusal {
    switch self {
    case .denied(let kind): call.denial(kind, path)
    case .refused(let code, let text): Refusal("\(path): \(text)", code: code.rawValue)
    case .unwanted: Refusal("\(path): the run has ended", code: Code.io.rawValue)
    }
  }
}

/// A wrong argument: it is raised in the script.
struct FileMistake: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

enum Bytes {
  /// `10 MiB`, `1,000 bytes`
  static func text(_ count: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where count >= 1 << shift && count & (1 << shift - 1) == 0 {
      return "\(count >> shift) \(unit)"
    }
    return "\(count) bytes"
  }
}
