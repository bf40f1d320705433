import MoonwheelModel

extension Value {
  /// Throws if `reason` refuses the value or a part of it. The message names the path of the part.
  func refuse(_ path: String, _ reason: (Value) -> String?) throws(Mistake) {
    if let reason = reason(self) { throw Mistake("\(path): \(reason)") }
    switch self {
    case .list(let values):
      for (index, value) in values.enumerated() {
        try value.refuse("\(path)[\(index + 1)]", reason)
      }
    case .table(let pairs):
      for (key, value) in pairs {
        let name = key.text.map { ".\($0)" } ?? "[\(key.described)]"
        try value.refuse(path + name, reason)
      }
    case .nil, .null, .bool, .integer, .number, .string, .bytes, .callback, .job: break
    }
  }

  /// Refuses job handles, which are valid only in their own generation.
  package func refuseHandles(_ path: String) throws(Mistake) {
    try refuse(path) {
      if case .job = $0 { "a job cannot leave its script; send its name" } else { nil }
    }
  }
}
