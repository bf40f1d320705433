import Glibc

/// A path as the system has it: bytes without NUL, which need not be UTF-8.
package struct RawPath: Sendable, Hashable {
  package let bytes: [UInt8]

  /// How many names it has.
  package var depth: Int { bytes.split(separator: UInt8(ascii: "/")).count }

  /// Nil if there is a NUL among the bytes: the system would take what is before it for the path.
  package init?(_ bytes: some Collection<UInt8>) {
    guard !bytes.contains(0) else { return nil }
    self.bytes = Array(bytes)
  }

  private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// A path that the program itself has made.
  package init(_ text: String) {
    let bytes = Array(text.utf8)
    precondition(!bytes.contains(0), "a path with a NUL")
    self.bytes = bytes
  }

  /// For people; wrong bytes are shown as U+FFFD.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package var isEmpty: Bool { bytes.isEmpty }

  package static let root = RawPath("/")
  package static let empty = RawPath("")

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  /// The absolute path, without `.`, `..` and repeated slashes; links stay as they are. `self` is relative to `folder`,
  /// which is absolute.
  package func absolute(in folder: RawPath) -> RawPath {
    let full = bytes.first == Self.slash ? bytes : folder.bytes + [Self.slash] + bytes
    var parts: [ArraySlice<UInt8>] = []
    for part in full.split(separator: Self.slash) where !part.elementsEqual([Self.dot]) {
      if part.elementsEqual([Self.dot, Self.dot]) {
        _ = parts.popLast()
      } else {
        parts.append(part)
      }
    }
    guard !parts.isEmpty else { return .root }
    return RawPath(unchecked: parts.reduce(into: []) { $0 += [Self.slash] + $1 })
  }

  /// What follows `folder` in this path, without a slash in front: empty if it is the folder itself, nil if the path is
  /// not beneath it. Both are absolute and normalized. Compares whole names: `inbox2` is not beneath `inbox`.
  package func rest(beneath folder: RawPath) -> RawPath? {
    if bytes == folder.bytes { return RawPath(unchecked: []) }
    if folder.bytes == [Self.slash] { return RawPath(unchecked: Array(bytes.dropFirst())) }
    guard bytes.starts(with: folder.bytes), bytes[folder.bytes.count] == Self.slash else {
      return nil
    }
    return RawPath(unchecked: Array(bytes[(folder.bytes.count + 1)...]))
  }

  /// The path of something in this folder.
  package func appending(_ rest: RawPath) -> RawPath {
    if rest.isEmpty { return self }
    if isEmpty { return rest }
    return RawPath(
      unchecked: bytes == [Self.slash] ? bytes + rest.bytes : bytes + [Self.slash] + rest.bytes)
  }

  /// The two texts one after the other.
  package func appended(_ rest: RawPath) -> RawPath { RawPath(unchecked: bytes + rest.bytes) }

  package func appending(_ name: String) -> RawPath { appending(RawPath(name)) }

  /// The folder, and the name in it. Of a relative path with one part, the folder is empty; of `/` and of an empty path
  /// the name is empty.
  package var split: (folder: RawPath, name: RawPath) {
    guard let slash = bytes.lastIndex(of: Self.slash) else {
      return (RawPath(unchecked: []), self)
    }
    let folder = slash == 0 ? [Self.slash] : Array(bytes[..<slash])
    return (RawPath(unchecked: folder), RawPath(unchecked: Array(bytes[(slash + 1)...])))
  }

  /// Safe because the text, which ends with a NUL, outlives the call of the body.
  @unsafe
  func withText<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    let text = bytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe text.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else {
        preconditionFailure("an array with a NUL has a first element")
      }
      return unsafe body(start)
    }
  }
}
