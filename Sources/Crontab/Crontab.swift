/// A crontab as it was read: what each of its lines says.
package struct Crontab: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    case blank
    /// Without its `#`.
    case comment(String)
    case setting(CrontabSetting)
    case job(CrontabJob)
    /// It cannot be taken over, for this reason.
    case refused(String)
  }

  package struct Line: Sendable, Equatable {
    /// From 1.
    package var number: Int
    package var text: String
    package var content: Content
  }

  package var lines: [Line]
  /// Whether lines end as in files of Windows, which no cron reads.
  package var hasCarriageReturns = false

  /// What is read is no crontab at all.
  package struct Problem: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// The most bytes that are read.
  package static let longest = 1 << 20

  package var jobs: [CrontabJob] {
    lines.compactMap { if case .job(let job) = $0.content { job } else { nil } }
  }

  /// Whether it was read without a column for users, and seems to have one.
  package var looksLikeUserColumn: Bool {
    let users = ["backup", "daemon", "nobody", "postgres", "root", "www-data"]
    return !jobs.isEmpty
      && jobs.allSatisfy { job in
        job.user == nil && users.contains { job.command.hasPrefix($0 + " ") }
      }
  }

  package var refused: [(line: Line, why: String)] {
    lines.compactMap { line in
      if case .refused(let why) = line.content { (line, why) } else { nil }
    }
  }
}

/// `NAME=value`, which holds for the lines below it.
package struct CrontabSetting: Sendable, Equatable {
  package var name: String
  package var value: String
}

/// A command with its times.
package struct CrontabJob: Sendable, Equatable {
  /// Five fields with one space between them, or a word such as `@daily`.
  package var spec: String
  /// Nil in the crontab of a user.
  package var user: String?
  /// What the shell gets.
  package var command: String
  /// What the command reads, as the `%` of the line say; nil for nothing.
  package var input: String?
  /// What was written for cron alone, and has been left out.
  package var remarks: [String] = []
}

extension Crontab {
  /// Reads the bytes of a crontab.
  ///
  /// - Parameters:
  ///   - hasUserColumn: whether a user stands before each command, as in `/etc/crontab`.
  ///   - isZone: whether the system knows a time zone of this name.
  package init(
    _ bytes: [UInt8], hasUserColumn: Bool, isZone: (String) -> Bool
  ) throws(Problem) {
    guard bytes.count <= Self.longest else {
      throw Problem(description: "it is larger than \(Self.longest >> 20) MiB, which no crontab is")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    lines = []
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let number = lines.count + 1
      guard !line.contains(0) else {
        throw Problem(description: "line \(number) has a byte of zero: this is no crontab")
      }
      let isOfWindows = line.last == UInt8(ascii: "\r")
      hasCarriageReturns = hasCarriageReturns || isOfWindows
      let content = isOfWindows ? line.dropLast() : line
      lines.append(
        Line(
          number: number, text: String(decoding: content, as: UTF8.self),
          content: Self.content(content, hasUserColumn, isZone)))
    }
    if lines.last?.content == .blank { lines.removeLast() }
  }

  private static func content(
    _ bytes: ArraySlice<UInt8>, _ hasUserColumn: Bool, _ isZone: (String) -> Bool
  ) -> Content {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return .refused("it is not UTF-8; convert the file first, as by iconv -f latin1 -t utf-8")
    }
    var reader = CrontabLineReader(text)
    do throws(Problem) {
      return try reader.read(hasUserColumn: hasUserColumn, isZone)
    } catch {
      return .refused(error.description)
    }
  }
}
