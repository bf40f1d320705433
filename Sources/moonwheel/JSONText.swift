/// A JSON value whose objects keep the order of their keys.
indirect enum JSONText: CustomStringConvertible {
  case null
  case bool(Bool)
  case integer(Int)
  /// A finite one.
  case number(Double)
  case string(String)
  case array([JSONText])
  case object([(String, JSONText)])

  var description: String {
    var text = ""
    write(into: &text)
    return text
  }

  private func write(into text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .integer(let integer): text += "\(integer)"
    case .number(let number): text += "\(number)"
    case .string(let string): text += LogJSON.text(.string(string))
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(into: &text)
      }
      text += "]"
    case .object(let pairs):
      text += "{"
      for (index, pair) in pairs.enumerated() {
        if index > 0 { text += "," }
        text += LogJSON.text(.string(pair.0))
        text += ":"
        pair.1.write(into: &text)
      }
      text += "}"
    }
  }
}
