extension Zone {
  /// Reads a compiled zone file (RFC 9636, versions 1 to 4), the rule in its footer included.
  public convenience init(name: String, tzif: [UInt8]) throws(TriggerError) {
    var reader = TZifReader(rest: tzif[...], name: name)
    let table = try reader.table()
    self.init(name: name, initial: table.initial, changes: table.changes)
  }

  /// A zone with nothing but a rule, as the variable TZ may hold it: `CET-1CEST,M3.5.0,M10.5.0/3`. Nil if the text is
  /// not a rule.
  public convenience init?(posixRule text: String) {
    guard text.utf8.count <= 200, let rule = PosixRule(Array(text.utf8)) else { return nil }
    self.init(
      name: text, initial: rule.standard, changes: rule.changes(after: Self.firstSecond))
  }
}

/// Reads a zone file piece by piece. It throws instead of reading past the end.
struct TZifReader {
  typealias Table = (initial: Int, changes: [(at: Int64, offset: Int)])

  private struct Header {
    var version: UInt8
    var isutCount, isstdCount, leapCount, timeCount, typeCount, charCount: Int

    func dataSize(timeSize: Int) -> Int {
      timeCount * (timeSize + 1) + typeCount * 6 + charCount + leapCount * (timeSize + 4)
        + isstdCount + isutCount
    }
  }

  /// What is not read yet.
  var rest: ArraySlice<UInt8>
  let name: String

  mutating func table() throws(TriggerError) -> Table {
    guard rest.count <= 1 << 20 else { throw damaged("it is larger than a megabyte") }
    let first = try header()
    if first.version < UInt8(ascii: "2") { return try data(first, timeSize: 4) }
    try skip(first.dataSize(timeSize: 4))
    var table = try data(try header(), timeSize: 8)
    if let rule = try footer() {
      if table.changes.isEmpty { table.initial = rule.standard }
      table.changes += rule.changes(after: table.changes.last?.at ?? Zone.firstSecond - 1)
    }
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
    let others = [
      header.isutCount, header.isstdCount, header.leapCount, header.timeCount, header.charCount,
    ]
    guard (1...256).contains(header.typeCount), others.allSatisfy((0...1 << 16).contains) else {
      throw damaged("its header has impossible counts")
    }
    return header
  }

  private mutating func data(_ header: Header, timeSize: Int) throws(TriggerError) -> Table {
    guard header.leapCount == 0 else {
      throw TriggerError(
        .zone, "zone \(quoted(name)) counts leap seconds; name it without \"right/\"")
    }
    var times: [Int64] = []
    for _ in 0..<header.timeCount {
      let time = Int64(try number(timeSize))
      guard times.last.map({ $0 < time }) ?? true else { throw damaged("its times are not sorted") }
      times.append(time)
    }
    var types: [Int] = []
    for _ in 0..<header.timeCount { types.append(Int(try byte())) }
    var offsets: [Int] = []
    for _ in 0..<header.typeCount {
      let offset = try number(4)
      guard offset.magnitude <= 25 * 3600 else { throw damaged("an offset exceeds 25 hours") }
      offsets.append(offset)
      try skip(2)
    }
    guard types.allSatisfy({ $0 < offsets.count }) else { throw damaged("a type is missing") }
    try skip(header.charCount + header.isstdCount + header.isutCount)
    return (offsets[0], zip(times, types).map { (at: $0, offset: offsets[$1]) })
  }

  /// The rule for the time after the table.
  private mutating func footer() throws(TriggerError) -> PosixRule? {
    guard try byte() == UInt8(ascii: "\n"), let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      throw damaged("its footer is cut off")
    }
    let text = Array(rest[..<end])
    if text.isEmpty { return nil }
    guard let rule = PosixRule(text) else {
      throw damaged("its footer \(quoted(String(decoding: text, as: UTF8.self))) is not a rule")
    }
    return rule
  }

  private mutating func byte() throws(TriggerError) -> UInt8 {
    guard let byte = rest.popFirst() else { throw damaged("it is cut off") }
    return byte
  }

  /// A big-endian number of `size` bytes, with a sign.
  private mutating func number(_ size: Int) throws(TriggerError) -> Int {
    var value = 0
    for _ in 0..<size { value = value << 8 | Int(try byte()) }
    let unused = Int.bitWidth - 8 * size
    return (value << unused) >> unused
  }

  private mutating func skip(_ count: Int) throws(TriggerError) {
    guard count <= rest.count else { throw damaged("it is cut off") }
    rest.removeFirst(count)
  }

  private func damaged(_ why: String) -> TriggerError {
    TriggerError(.zone, "the zone file of \(quoted(name)) is damaged: \(why)")
  }
}
