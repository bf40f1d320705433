extension Zone {
  /// Reads a compiled zone file (RFC 9636, versions 1 to 4), the rule in its footer included.
  public convenience init(name: String, tzif: [UInt8]) throws(TriggerError) {
    var reader = TZifReader(bytes: tzif, name: name)
    let table = try reader.table()
    var changes = table.changes
    if let rule = table.rule {
      changes += rule.changes(after: changes.last?.at ?? Self.firstSecond - 1)
    }
    let initial = changes.isEmpty || !table.changes.isEmpty ? table.initial : nil
    self.init(name: name, initial: initial ?? table.rule?.standard ?? 0, changes: changes)
  }
}

extension Zone {
  /// A zone with nothing but a rule, as the variable TZ may hold it: `CET-1CEST,M3.5.0,M10.5.0/3`. Nil if the text is
  /// not a rule.
  public convenience init?(posixRule text: String) {
    guard text.utf8.count <= 200, let rule = PosixRule(Array(text.utf8)) else { return nil }
    let changes = rule.summer == nil ? [] : rule.changes(after: Self.firstSecond)
    self.init(name: text, initial: rule.standard, changes: changes)
  }
}

/// The content of a zone file: the table, and the rule for the time after it.
struct ZoneTable {
  var initial: Int
  var changes: [(at: Int64, offset: Int)]
  var rule: PosixRule?
}

/// A cursor over a zone file. It throws instead of reading past the end.
struct TZifReader {
  let bytes: [UInt8]
  let name: String
  var position = 0

  init(bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  private struct Header {
    var version: UInt8
    var isutCount, isstdCount, leapCount, timeCount, typeCount, charCount: Int

    func dataSize(timeSize: Int) -> Int {
      timeCount * (timeSize + 1) + typeCount * 6 + charCount + leapCount * (timeSize + 4)
        + isstdCount + isutCount
    }
  }

  mutating func table() throws(TriggerError) -> ZoneTable {
    guard bytes.count <= 1 << 20 else { throw damaged("it is larger than a megabyte") }
    let first = try header()
    if first.version < UInt8(ascii: "2") { return try data(first, timeSize: 4) }
    try skip(first.dataSize(timeSize: 4))
    let second = try header()
    var table = try data(second, timeSize: 8)
    table.rule = try footer()
    if let rule = table.rule, table.changes.isEmpty { table.initial = rule.standard }
    return table
  }

  private mutating func header() throws(TriggerError) -> Header {
    guard try number(4) == 0x545A_6966 else { throw damaged("it does not start with TZif") }
    let version = try byte()
    try skip(15)
    let header = Header(
      version: version, isutCount: try number(4), isstdCount: try number(4),
      leapCount: try number(4), timeCount: try number(4), typeCount: try number(4),
      charCount: try number(4))
    guard header.typeCount > 0, header.typeCount <= 256, header.timeCount <= 1 << 16,
      max(header.isutCount, header.isstdCount, header.leapCount, header.charCount) <= 1 << 16
    else { throw damaged("its header has impossible counts") }
    return header
  }

  private mutating func data(_ header: Header, timeSize: Int) throws(TriggerError) -> ZoneTable {
    guard header.leapCount == 0 else {
      throw TriggerError(
        .zone, "zone \(quoted(name)) counts leap seconds; name it without \"right/\"")
    }
    var times: [Int64] = []
    for _ in 0..<header.timeCount {
      let time = Int64(
        timeSize == 8 ? try number(8) : Int(Int32(truncatingIfNeeded: try number(4))))
      guard times.last.map({ $0 < time }) ?? true else { throw damaged("its times are not sorted") }
      times.append(time)
    }
    var types: [Int] = []
    for _ in 0..<header.timeCount { types.append(Int(try byte())) }
    var offsets: [Int] = []
    for _ in 0..<header.typeCount {
      let offset = Int(Int32(truncatingIfNeeded: try number(4)))
      guard offset.magnitude <= 25 * 3600 else { throw damaged("an offset exceeds 25 hours") }
      offsets.append(offset)
      try skip(2)
    }
    guard types.allSatisfy({ $0 < offsets.count }) else { throw damaged("a type is missing") }
    try skip(header.charCount + header.isstdCount + header.isutCount)
    let changes = zip(times, types).map { (at: $0, offset: offsets[$1]) }
    return ZoneTable(initial: offsets[0], changes: changes, rule: nil)
  }

  private mutating func footer() throws(TriggerError) -> PosixRule? {
    guard try byte() == UInt8(ascii: "\n"), let end = bytes[position...].firstIndex(of: 10) else {
      throw damaged("its footer is cut off")
    }
    let text = Array(bytes[position..<end])
    if text.isEmpty { return nil }
    guard let rule = PosixRule(text) else {
      throw damaged("its footer \(quoted(String(decoding: text, as: UTF8.self))) is not a rule")
    }
    return rule
  }

  private mutating func byte() throws(TriggerError) -> UInt8 {
    guard position < bytes.count else { throw damaged("it is cut off") }
    position += 1
    return bytes[position - 1]
  }

  /// A big-endian number of `size` bytes.
  private mutating func number(_ size: Int) throws(TriggerError) -> Int {
    var value: UInt64 = 0
    for _ in 0..<size { value = value << 8 | UInt64(try byte()) }
    return Int(Int64(bitPattern: value))
  }

  private mutating func skip(_ count: Int) throws(TriggerError) {
    guard count <= bytes.count - position else { throw damaged("it is cut off") }
    position += count
  }

  private func damaged(_ why: String) -> TriggerError {
    TriggerError(.zone, "the zone file of \(quoted(name)) is damaged: \(why)")
  }
}
