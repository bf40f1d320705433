import FoundationEssentials

/// What a host has written to its log, as JSON.
struct QuietLog {
  struct Line: Decodable {
    /// By what a line is known.
    enum Mark: Hashable {
      case printed(String)
      case event(String)
    }

    var ts: String
    var message: String
    var job: String?
    var run: String?
    var event: String?

    func has(_ mark: Mark) -> Bool {
      switch mark {
      case .printed(let text): event == nil && message == text
      case .event(let name): event == name
      }
    }

    /// Seconds since 1970.
    var time: Double {
      get throws {
        try Date(ts, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
          .timeIntervalSince1970
      }
    }
  }

  private(set) var lines: [Line] = []
  private var read = 0

  /// Takes what has come since; `text` is all of it.
  mutating func read(_ text: String) throws {
    let bytes = Array(text.utf8)
    while let end = bytes[read...].firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(try JSONDecoder().decode(Line.self, from: Data(bytes[read..<end])))
      read = end + 1
    }
  }

  /// The first line from a place on that has a mark, of a run if one is given.
  func first(_ mark: Line.Mark, of run: String? = nil, from place: Int = 0) -> Int? {
    lines.indices.dropFirst(place).first {
      lines[$0].has(mark) && (run == nil || lines[$0].run == run)
    }
  }
}
