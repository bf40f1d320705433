import FoundationEssentials

/// The JSON log of a host.
struct QuietLog {
  struct Line: Decodable {
    /// Identifies a line.
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

  /// Reads the lines that are new in `text`, which is the whole log.
  mutating func read(_ text: String) throws {
    let bytes = Array(text.utf8)
    while let end = bytes[read...].firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(try JSONDecoder().decode(Line.self, from: Data(bytes[read..<end])))
      read = end + 1
    }
  }

  /// The index of the first line with a mark, from an index on; of one run if that is given.
  func first(_ mark: Line.Mark, of run: String? = nil, from index: Int = 0) -> Int? {
    lines.indices.dropFirst(index).first {
      lines[$0].has(mark) && (run == nil || lines[$0].run == run)
    }
  }
}
