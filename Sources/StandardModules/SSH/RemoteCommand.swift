/// The text that the far machine runs for a command: it ends the command when the connection ends.
///
/// Nothing else does that: sshd closes the pipes of a command whose client is gone, and a command that writes nothing goes
/// on for ever. Here the client never closes its end of stdin as long as it lives, and a process on the far side reads that
/// to its end, then sends SIGTERM, and SIGKILL later, to the command's group. What goes to the command by stdin comes first,
/// and is counted.
struct RemoteCommand {
  /// What stands before what the text itself tells by stderr.
  let mark: String
  /// For the login shell of the far machine.
  let text: String

  /// - Parameters:
  ///   - input: how many bytes are for the command.
  ///   - grace: seconds from SIGTERM to SIGKILL.
  init(_ command: String, mark: String, input: Int, grace: Int64) {
    self.mark = mark
    let words = ["exec", "sh", "-c", Self.quoted(Self.outer), "moonwheel", mark]
    text =
      (words + ["\(input)", "\(grace)", Self.quoted(Self.inner), Self.quoted(command)])
      .joined(separator: " ")
  }

  static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// Starts the other part in a session of its own, tells how the command has ended, and ends what it has left. It gets the
  /// number of the session and the exit code by descriptor 5; the shells themselves write nothing to stderr.
  private static let outer = """
    m=$1
    printf '%s begin\\n' "$m" >&2
    if command -v setsid >/dev/null 2>&1; then s=setsid; else s='perl -MPOSIX -e POSIX::setsid();exec(@ARGV)'; fi
    exec 3<&0 4>&1 6>&2 </dev/null 2>/dev/null
    set -- $($s sh -c "$4" moonwheel "$2" "$3" "$5" 5>&1 >&4 4>&-)
    [ -z "$2" ] || printf '%s end %s\\n' "$m" "$2" >&6
    exec 3<&- 4>&- 6>&- >/dev/null
    if kill -TERM "-$1"; then (sleep 1; kill -KILL "-$1") & fi
    exit "${2:-255}"
    """

  /// The command, and what watches the connection, in one group, which ends with the command.
  private static let inner = """
    echo "$$" >&5
    (
      exec 5>&- 6>&-
      [ "$1" = 0 ] || head -c "$1"
      exec >/dev/null
      cat
      trap '' TERM
      kill -TERM 0
      sleep "$2"
      kill -KILL 0
    ) <&3 | {
      (exec sh -c "$3" 2>&6 3<&- 5>&- 6>&-)
      e=$?
      trap '' TERM
      echo "$e" >&5
      kill -TERM 0
    }
    """
}

/// What the far side has told by stderr of its command, and what the command itself has written there.
struct RemoteReport {
  /// Whether the command was begun.
  let hasBegun: Bool
  /// Its exit code, once it has ended.
  let code: Int32?
  let error: [UInt8]

  init(_ bytes: [UInt8], mark: String) {
    var rest = bytes[...]
    let begin = Array("\(mark) begin\n".utf8)
    var error: [UInt8] = []
    if let start = rest.firstIndex(of: begin) {
      error = Self.withoutReturns(rest[..<start])
      rest = rest[(start + begin.count)...]
      hasBegun = true
    } else {
      hasBegun = false
    }
    let end = Array("\(mark) end ".utf8)
    guard hasBegun, let start = rest.firstIndex(of: end) else {
      self.error = error + (hasBegun ? Array(rest) : Self.withoutReturns(rest))
      code = nil
      return
    }
    let digits = rest[(start + end.count)...].prefix { $0 != UInt8(ascii: "\n") }
    code = Int32(String(decoding: digits, as: UTF8.self))
    self.error = error + rest[..<start] + rest[digits.endIndex...].dropFirst()
  }

  /// ssh itself ends its lines as terminals want it.
  private static func withoutReturns(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    bytes.filter { $0 != UInt8(ascii: "\r") }
  }

  /// What a line of stderr is without these words; nil if there is nothing else.
  static func line(_ line: String, mark: String) -> String? {
    if line == "\(mark) begin" { return nil }
    guard let words = line.firstRange(of: "\(mark) end ") else {
      return line.hasSuffix("\r") ? String(line.dropLast()) : line
    }
    return words.lowerBound == line.startIndex ? nil : String(line[..<words.lowerBound])
  }
}

extension ArraySlice<UInt8> {
  fileprivate func firstIndex(of other: [UInt8]) -> Int? {
    guard count >= other.count, let first = other.first else { return nil }
    return (startIndex...(endIndex - other.count)).first { start in
      self[start] == first && self[start..<start + other.count].elementsEqual(other)
    }
  }
}
