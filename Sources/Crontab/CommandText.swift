/// What cron does with the `%` of a command.
enum CommandText {
  /// The first `%` ends the command, and begins its input, in which each further one ends a line. `\%` is a `%`.
  static func split(_ text: String) -> (command: String, input: String?) {
    var command = ""
    var rest = text[...]
    var isEscaped = false
    while let character = rest.popFirst() {
      if isEscaped {
        if character == "%" { command.removeLast() }
        isEscaped = false
      } else if character == "%" {
        return (command, input(rest))
      } else {
        isEscaped = character == "\\"
      }
      command.append(character)
    }
    return (command, nil)
  }

  private static func input(_ text: Substring) -> String {
    var input = ""
    var isEscaped = false
    for character in text {
      if isEscaped, character != "%" { input.append("\\") }
      let isBreak = character == "%" && !isEscaped
      isEscaped = character == "\\"
      if !isEscaped { input.append(isBreak ? "\n" : character) }
    }
    if isEscaped { input.append("\\") }
    if !input.isEmpty, input.last != "\n" { input.append("\n") }
    return input
  }
}
