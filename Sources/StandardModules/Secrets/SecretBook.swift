import ScriptHost
import Synchronization
import SystemCalls

/// Looks secrets up, with each call anew, so that a new value counts at once.
package final class SecretBook: Sendable {
  private let sources: SecretSources
  private let told = Mutex<Set<String>>([])
  private static let sizeLimit = 64 << 10

  package init(_ sources: SecretSources) { self.sources = sources }

  var givesNames: Bool { sources.areNames }

  /// A name cannot lead out of the folder, or to a hidden file.
  static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 128 else { return false }
    return name.utf8.allSatisfy(isPartOfName)
      && first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
      && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
  }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Nil if no source has it. Throws a refusal for a file that is not kept well.
  package func value(of name: String) throws(Refusal) -> [UInt8]? {
    if let value = sources.closure?(name) { return Array(value.utf8) }
    if let folder = sources.folder, let value = try Self.value(of: name, in: folder) {
      return value
    }
    return sources.taken[name]
  }

  /// True the first time.
  func isFirst(_ name: String) -> Bool { told.withLock { $0.insert(name).inserted } }

  /// What a script is told.
  func missing(_ name: String) -> String {
    var places: [String] = []
    if sources.closure != nil {
      places.append("the program that runs this script does not give it")
    }
    if let folder = sources.folder { places.append("\(folder) has no file of that name") }
    places.append("MOONWHEEL_SECRET_\(name) was not set when the host started")
    return "there is no secret \(name): \(places.joined(separator: ", and "))"
  }

  // MARK: Files

  private static func value(of name: String, in folder: String) throws(Refusal) -> [UInt8]? {
    let path = "\(folder)/\(name)"
    guard let status = FileStatus(of: path) else { return nil }
    if let problem = problem(with: status, in: folder) {
      throw Refusal("the secret \(name) is refused: \(path) \(problem)", code: "denied")
    }
    do throws(FileError) {
      var bytes = try RegularFile.read(path, atMost: sizeLimit)
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      return bytes.isEmpty ? nil : bytes
    } catch {
      throw Refusal("the secret \(name) cannot be read: \(error)", code: "denied")
    }
  }

  /// A folder that others cannot enter protects what is in it.
  private static func problem(with status: FileStatus, in folder: String) -> String? {
    guard status.kind == .file else { return "is not a file" }
    let isOpen = status.mode & 0o004 != 0 || status.mode & 0o002 != 0
    guard isOpen, FileStatus(of: folder).map({ $0.mode & 0o001 != 0 }) ?? true else { return nil }
    let mode = String(status.mode, radix: 8)
    return "can be read or written by others (mode \(mode)); chmod 600 keeps it"
  }
}
