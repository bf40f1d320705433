import ModuleKit
import ScriptHost
import SystemCalls
import Transfers

/// What a request sends: texts and files, one after the other.
struct HTTPBody: Sendable {
  enum Part: Sendable {
    case bytes([UInt8])
    case file(FilePlace)
  }

  private var parts: [Part] = []
  private var isThere = false
  /// For the header Content-Type; nil if the script alone knows it.
  private(set) var type: String?

  /// - Parameter json: the text of the option `json`.
  init(
    _ options: HTTPOptions, json: Value, of call: FunctionCall, _ files: FileService
  ) throws {
    let given = ["body", "form", "from", "json", "multipart"].filter { options[$0] != nil }
    guard given.count < 2 else {
      throw options.mistake("\(given[0]) and \(given[1]) do not go together")
    }
    isThere = !given.isEmpty
    switch given.first {
    case "body": parts = [.bytes(try options.bytes("body", options["body"] ?? .nil))]
    case "json":
      parts = [.bytes(try options.bytes("json", json))]
      type = "application/json"
    case "form":
      parts = [.bytes(Array(PercentEncoding.pairs(try options.pairs("form")).utf8))]
      type = "application/x-www-form-urlencoded"
    case "from":
      guard let place = try options.place("from", for: .read, call, files) else { return }
      parts = [.file(place)]
    case "multipart": try readMultipart(options, call, files)
    default: break
    }
  }

  private mutating func readMultipart(
    _ options: HTTPOptions, _ call: FunctionCall, _ files: FileService
  ) throws {
    guard case .list(let list)? = options["multipart"], !list.isEmpty else {
      throw options.mistake(
        "multipart must be a list such as { { name = \"report\", file = \"report.pdf\" } }")
    }
    let boundary =
      "moonwheel-" + String(UInt64.random(in: 0 ... .max), radix: 36)
      + String(UInt64.random(in: 0 ... .max), radix: 36)
    for (index, item) in list.enumerated() {
      let part = try MultipartPart(item, "multipart[\(index + 1)]", options, call, files)
      parts.append(.bytes(Array("--\(boundary)\r\n\(part.head)\r\n".utf8)))
      parts.append(part.content)
      parts.append(.bytes([13, 10]))
    }
    parts.append(.bytes(Array("--\(boundary)--\r\n".utf8)))
    type = "multipart/form-data; boundary=\(boundary)"
  }

  /// The files that are read.
  var places: [FilePlace] {
    parts.compactMap { if case .file(let place) = $0 { place } else { nil } }
  }

  /// Of a body without files.
  func open() -> TransferBody {
    guard isThere else { return .none }
    return .bytes(
      parts.flatMap { part -> [UInt8] in
        if case .bytes(let bytes) = part { bytes } else { [] }
      })
  }

  /// Opens the files. Blocks.
  func open(_ disk: DiskFiles) throws(FileFailure) -> TransferBody {
    guard !places.isEmpty else { return open() }
    var pieces: [BodySource.Piece] = []
    for part in parts {
      switch part {
      case .bytes(let bytes): pieces.append(.bytes(bytes))
      case .file(let place): pieces.append(.file(try BodyFile(disk, place)))
      }
    }
    return .source(BodySource(pieces))
  }
}

/// One part of the option `multipart`.
private struct MultipartPart {
  let head: String
  let content: HTTPBody.Part

  init(
    _ value: Value, _ what: String, _ options: HTTPOptions, _ call: FunctionCall,
    _ files: FileService
  ) throws {
    guard let fields = value.pairs, let name = value["name"]?.text, !name.isEmpty else {
      throw options.mistake("\(what) must be a table with a name")
    }
    for key in fields.keys.sorted(by: { $0.described < $1.described })
    where !["name", "value", "file", "filename", "type"].contains(key.text) {
      throw options.mistake(
        "\(what) has no field \(key.described); it has name, value or file, filename and type")
    }
    let (given, file) = (value["value"], value["file"])
    guard (given == nil) != (file == nil) else {
      throw options.mistake("\(what) must have a value or a file, and not both")
    }
    var filename = value["filename"]?.text
    if let file {
      guard let path = file.text else { throw options.mistake("\(what).file must be a path") }
      content = .file(try call.place(RawPath(path), for: .read, own: files.own(of: call.script)))
      filename = filename ?? path.split(separator: "/").last.map(String.init)
    } else {
      content = .bytes(try options.bytes("\(what).value", given ?? .nil))
    }
    var head = "Content-Disposition: form-data; name=\(Self.quoted(name))"
    if let filename { head += "; filename=\(Self.quoted(filename))" }
    if let type = value["type"]?.text ?? (filename == nil ? nil : "application/octet-stream") {
      guard !type.utf8.contains(where: { $0 < 32 }) else {
        throw options.mistake("\(what).type has a line break, which no header can have")
      }
      head += "\r\nContent-Type: \(type)"
    }
    self.head = head + "\r\n"
  }

  /// As browsers do (WHATWG, multipart/form-data).
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "%22"
      case "\r": quoted += "%0D"
      case "\n": quoted += "%0A"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
