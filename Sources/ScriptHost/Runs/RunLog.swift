import MoonwheelModel

/// The first and the last lines of a run's log, each half bounded in lines and bytes.
struct RunLog {
  private static let lineLimit = 50
  private static let byteLimit = 8 << 10

  private var first: [LogLine] = []
  private var firstBytes = 0
  private var isFirstFull = false
  private var last: [LogLine] = []
  private var lastBytes = 0
  private var oldest = 0
  private(set) var omitted = 0

  var isEmpty: Bool { first.isEmpty && last.isEmpty }
  var lines: [LogLine] { first + last[oldest...] }

  /// Counts the line as left out if `mayGrow` returns false for the bytes of all lines.
  mutating func append(_ line: LogLine, mayGrow: (_ bytes: Int) -> Bool = { _ in true }) {
    let line = Self.cut(line)
    let size = Self.size(of: line)
    guard mayGrow(firstBytes + lastBytes + size) else {
      omitted += 1
      return
    }
    if !isFirstFull, first.count < Self.lineLimit, firstBytes + size <= Self.byteLimit {
      first.append(line)
      firstBytes += size
      return
    }
    isFirstFull = true
    last.append(line)
    lastBytes += size
    while last.count - oldest > Self.lineLimit || lastBytes > Self.byteLimit {
      lastBytes -= Self.size(of: last[oldest])
      last[oldest].message = ""
      last[oldest].fields = nil
      oldest += 1
      omitted += 1
    }
    guard oldest > Self.lineLimit else { return }
    last.removeFirst(oldest)
    oldest = 0
  }

  /// Shortens a line that would not fit into one half.
  private static func cut(_ line: LogLine) -> LogLine {
    var line = line
    if let fields = line.fields, size(of: fields) > byteLimit / 4 { line.fields = "(too large)" }
    line.message = line.message.cut(toBytes: byteLimit / 2)
    return line
  }

  private static func size(of line: LogLine) -> Int {
    line.message.utf8.count + (line.fields.map { size(of: $0) } ?? 0) + 16
  }

  static func size(of value: Value) -> Int {
    switch value {
    case .nil, .null, .bool, .integer, .number, .callback, .job: 8
    case .string(let text): text.utf8.count + 8
    case .bytes(let bytes): bytes.count + 8
    case .list(let values): values.reduce(8) { $0 + size(of: $1) }
    case .table(let pairs): pairs.reduce(8) { $0 + size(of: $1.key) + size(of: $1.value) }
    }
  }
}
