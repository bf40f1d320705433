import ModuleKit
import ScriptHost
import Synchronization
import SystemCalls
import Transfers

/// The files that requests are read from and written to, which are opened as those of `fs` are.
extension HTTPOptions {
  /// Nil if there is no such option.
  func place(
    _ name: String, for kind: PermissionKind, _ call: FunctionCall, _ files: FileService
  ) throws -> FilePlace? {
    guard let text = try text(name) else { return nil }
    return try call.place(RawPath(text), for: kind, own: files.own(of: call.script))
  }
}

extension FileService {
  /// Where an answer is written to; nil in a simulation.
  func sink(_ place: FilePlace) -> FileSink? {
    (backend as? DiskFiles).map { FileSink($0, place) }
  }
}

/// The files that say who may be who.
struct CertificateFiles: Sendable {
  private static let limit = ReadLimit(bytes: 4 << 20)
  private let (authorities, certificate, key): (FilePlace?, FilePlace?, FilePlace?)

  init(_ options: HTTPOptions, of call: FunctionCall, _ files: FileService) throws {
    authorities = try options.place("ca", for: .read, call, files)
    certificate = try options.place("cert", for: .read, call, files)
    key = try options.place("key", for: .read, call, files)
  }

  var places: [FilePlace] { [authorities, certificate, key].compactMap(\.self) }

  /// Blocks.
  func read(_ disk: DiskFiles, into security: inout TransferSecurity) throws(FileFailure) {
    if let authorities { security.authorities = try disk.read(authorities, Self.limit) }
    if let certificate { security.certificate = try disk.read(certificate, Self.limit) }
    if let key { security.key = try disk.read(key, Self.limit) }
  }
}

/// A file of a body, open to be sent.
final class BodyFile: Sendable {
  let file: Descriptor
  let size: Int
  let shown: String

  /// Blocks.
  init(_ disk: DiskFiles, _ place: FilePlace) throws(FileFailure) {
    file = try disk.openFile(place)
    shown = place.shown
    do throws(SystemCallError) {
      size = Int(try file.status().version.size)
    } catch {
      throw FileFailure(error)
    }
  }
}

/// A body of several pieces.
struct BodySource: TransferSource {
  enum Piece: Sendable {
    case bytes([UInt8])
    case file(BodyFile)

    var size: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .file(let file): file.size
      }
    }
  }

  private static let atOnce = 256 << 10
  private let pieces: [Piece]
  let size: Int

  init(_ pieces: [Piece]) {
    self.pieces = pieces
    size = pieces.reduce(0) { $0 + $1.size }
  }

  func read(from offset: Int) throws(TransferFailure) -> [UInt8] {
    var start = offset
    for piece in pieces {
      guard start >= piece.size else { return try Self.read(piece, from: start) }
      start -= piece.size
    }
    return []
  }

  private static func read(_ piece: Piece, from start: Int) throws(TransferFailure) -> [UInt8] {
    switch piece {
    case .bytes(let bytes): return Array(bytes[start..<min(bytes.count, start + atOnce)])
    case .file(let file):
      do {
        let bytes = try file.file.read(atMost: min(atOnce, file.size - start), from: Int64(start))
        guard !bytes.isEmpty else {
          throw TransferFailure(.read, "\(file.shown) became shorter while it was sent")
        }
        return bytes
      } catch let error as SystemCallError {
        throw TransferFailure(.read, "\(file.shown): \(error.reason)")
      } catch let failure as TransferFailure {
        throw failure
      } catch {
        throw TransferFailure(.read, "\(file.shown): \(error)")
      }
    }
  }
}

/// Writes an answer beside the file that it is to become.
final class FileSink: TransferSink {
  private let disk: DiskFiles
  private let place: FilePlace
  private let draft = Mutex<FileDraft?>(nil)

  init(_ disk: DiskFiles, _ place: FilePlace) {
    self.disk = disk
    self.place = place
  }

  func write(_ bytes: [UInt8]) throws(TransferFailure) {
    do throws(FileFailure) {
      try draft.withLock { (draft) throws(FileFailure) in
        if draft == nil { draft = try disk.draft(place) }
        try draft?.write(bytes)
      }
    } catch {
      throw failure(error)
    }
  }

  func finish() throws(TransferFailure) {
    do throws(FileFailure) {
      try draft.withLock { (draft) throws(FileFailure) in
        try draft?.finish()
        draft = nil
      }
    } catch {
      throw failure(error)
    }
  }

  func discard() { draft.withLock { $0 = nil } }

  private func failure(_ error: FileFailure) -> TransferFailure {
    switch error {
    case .denied:
      TransferFailure(.denied, "\(place.shown): this leads to where the script may not write")
    case .refused(_, let text): TransferFailure(.write, "\(place.shown): \(text)")
    case .unwanted: TransferFailure(.write, "\(place.shown): the run has ended")
    }
  }
}
