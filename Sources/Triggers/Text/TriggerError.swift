/// The reason why a trigger's text was refused: what is wrong, where, and what to write instead.
public struct TriggerError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, Hashable, Sendable {
    case syntax
    case unknownWord = "unknown_word"
    case outOfRange = "out_of_range"
    case neverFires = "never_fires"
    case tooOften = "too_often"
    case tooLong = "too_long"
    case tooFar = "too_far"
    case zone
    case gaveUp = "gave_up"
  }

  public let code: Code
  /// The whole message, including the remedy.
  public let message: String
  /// The position of the mistake in the parsed text, counted in characters from 1.
  public let column: Int?
  /// The text to write instead, if there is one: `mon`.
  public let hint: String?

  public init(_ code: Code, _ message: String, column: Int? = nil, hint: String? = nil) {
    self.code = code
    self.message = message
    self.column = column
    self.hint = hint
  }

  public var description: String { message }
}

/// User text in double quotes. Long text is cut, so that a message stays one line.
func quoted(_ text: some StringProtocol) -> String {
  let line = text.unicodeScalars.prefix(80).map { $0.value < 32 ? " " : String($0) }.joined()
  return "\"" + line + (text.unicodeScalars.dropFirst(80).isEmpty ? "" : "…") + "\""
}
