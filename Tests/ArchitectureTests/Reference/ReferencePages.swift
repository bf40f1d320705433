/// Writes the parts of `docs/options.md` and `docs/words.md` that come from the stubs.
struct ReferencePages {
  let stubs: Stubs

  /// What a page has between `<!-- NAME -->` and `<!-- end of NAME -->`, by page and name.
  var parts: [(page: String, name: String, text: String)] {
    [
      ("docs/options.md", "options of every job", options(of: "moonwheel.Options")),
      ("docs/options.md", "options of on", options(of: "moonwheel.HandlerOptions", scope: "`on`")),
      ("docs/options.md", "fields of job", fields(of: "moonwheel.JobOptions")),
      ("docs/options.md", "parts of retry", fields(of: "moonwheel.Retry")),
      ("docs/options.md", "parts of timeout", fields(of: "moonwheel.Timeout")),
      ("docs/options.md", "fields of Error", fields(of: "moonwheel.Error", isGiven: true)),
      ("docs/options.md", "fields of Missed", fields(of: "moonwheel.Missed", isGiven: true)),
      ("docs/options.md", "options that defaults lacks", withoutDefault),
      ("docs/options.md", "types", types),
      ("docs/words.md", "words", words),
    ]
  }

  // MARK: Options

  /// A description in the parts that the columns have.
  private struct Description {
    var text: String
    var scope: String?
    var usual: String?

    init(_ description: String) {
      text = description
      if let match = text.firstMatch(of: /\s?Default: (.+)\.$/) {
        usual = String(match.1)
        text.removeSubrange(match.range)
      }
      if let match = text.firstMatch(of: /\s?Only for ([^.]+)\./) {
        scope = String(match.1)
        text.removeSubrange(match.range)
      }
    }
  }

  /// The options that a type has itself. `scope` says for which triggers all of them are.
  private func options(of name: String, scope: String? = nil) -> String {
    var rows = ["| option | type | default | for | what it does |", "|---|---|---|---|---|"]
    for field in own(of: name) where !field.isDeprecated {
      let parts = Description(field.text)
      let place = parts.scope ?? scope ?? "all"
      rows.append(
        "| `\(field.name)` | \(type(field.type)) | \(cell(parts.usual ?? "")) | \(place) | \(cell(parts.text)) |"
      )
    }
    return rows.joined(separator: "\n")
  }

  /// - Parameter isGiven: whether the script gets the table, instead of making it.
  private func fields(of name: String, isGiven: Bool = false) -> String {
    var rows =
      isGiven
      ? ["| name | type | what it is |", "|---|---|---|"]
      : ["| name | type | default | what it is |", "|---|---|---|---|"]
    for field in own(of: name) {
      let parts = Description(field.text)
      let usual = parts.usual ?? (field.isOptional ? "" : "must be given")
      let type = type(field.type) + (isGiven && field.isOptional ? " or nil" : "")
      rows.append(
        "| `\(field.name)` | \(type) | \(isGiven ? "" : cell(usual) + " | ")\(cell(parts.text)) |")
    }
    return rows.joined(separator: "\n")
  }

  private func own(of name: String) -> [Stubs.Field] {
    stubs.items.first { $0.name == name }?.fields ?? []
  }

  /// The options that `defaults` does not take.
  private var withoutDefault: String {
    let defaults = Set(stubs.fields(of: "moonwheel.Defaults").map(\.name))
    return stubs.fields(of: "moonwheel.HandlerOptions").map(\.name)
      .filter { !defaults.contains($0) }.map { "`\($0)`" }.joined(separator: ", ")
  }

  private var types: String {
    var rows = ["| type | what it is |", "|---|---|"]
    for item in stubs.items {
      guard case .alias(let type) = item.kind else { continue }
      let text = item.text.joined(separator: " ")
      rows.append(
        "| \(Self.short(item.name)) | \(cell(text))\(type.hasPrefix("fun") ? " " + self.type(type) : "") |"
      )
    }
    return rows.joined(separator: "\n")
  }

  // MARK: Words

  /// The sections of the stubs, but for options and types; triggers come first, and get what their values can do.
  private var words: String {
    let others = ["Options", "Values", "Triggers"]
    let triggers = stubs.sections.filter { $0.title == "Triggers" }.map { section in
      var section = section
      section.items += stubs.sections.filter { $0.title == "Values" }.flatMap(\.items).filter {
        if case .alias = $0.kind { false } else { $0.name != "moonwheel.Cancel" }
      }
      return section
    }
    let sections = triggers + stubs.sections.filter { !others.contains($0.title) }
    return sections.map { section in
      (["## " + section.title] + section.items.map { self.text(of: $0) }).joined(separator: "\n\n")
    }.joined(separator: "\n\n")
  }

  private func text(of item: Stubs.Item) -> String {
    var parts = ["### " + heading(of: item)]
    if let text = paragraphs(item.text) { parts.append(text) }
    let described = item.parameters.filter { !$0.text.isEmpty }.map {
      "- `\($0.name)`: \($0.text)"
    }
    if !described.isEmpty { parts.append(described.joined(separator: "\n")) }
    if !item.results.isEmpty { parts.append("Returns " + results(item.results) + ".") }
    if !item.fields.isEmpty {
      let rows = item.fields.map {
        "| `\($0.name)` | \(type($0.type))\($0.isOptional ? " or nil" : "") | \(cell($0.text)) |"
      }
      parts.append(
        (["| field | type | what it is |", "|---|---|---|"] + rows).joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private func heading(of item: Stubs.Item) -> String {
    switch item.kind {
    case .function(let parameters):
      "`\(Self.called(item.name, in: stubs))(\(parameters))`"
    case .type(parent: nil) where item.table == item.name: "`\(item.name)`"
    case .type, .alias: Self.short(item.name)
    case .value: "`\(item.name)`"
    }
  }

  /// `run:sleep` for `Run:sleep`: a name that a script could write.
  private static func called(_ name: String, in stubs: Stubs) -> String {
    let short = [
      "Trigger": "trigger", "Run": "run", "Job": "job", "Box": "box", "Simulation": "sim",
      "Expectation": "expect(x)",
    ]
    guard let separator = name.firstIndex(where: { $0 == ":" || $0 == "." }),
      let word = short[String(name[..<separator])]
    else { return name }
    return word + name[separator...]
  }

  private func results(_ results: [Stubs.Field]) -> String {
    results.map { result in
      let isOptional = result.type.hasSuffix("?")
      let type = type(isOptional ? String(result.type.dropLast()) : result.type)
      if result.text.isEmpty { return type + (isOptional ? " or nil" : "") }
      return type + " " + result.text
    }.joined(separator: "; ")
  }

  /// Lines as paragraphs; code stays as it is. Nil for nothing.
  private func paragraphs(_ lines: [String]) -> String? {
    let text = lines.joined(separator: "\n").trimmed
    return text.isEmpty ? nil : text
  }

  // MARK: Cells

  /// A type in the words of the page: `fun(...)` as code, names without `moonwheel.`, and `or` between several.
  private func type(_ type: String) -> String {
    let parts = Self.alternatives(type)
    let shown = parts.map { part -> String in
      let isName = part.wholeMatch(of: /moonwheel\.\w+(\[\])?/) != nil
      let isCode = !isName
      let text = part.split(separator: "moonwheel.", omittingEmptySubsequences: false).joined()
      return isCode ? "`\(text)`" : text
    }
    return shown.joined(separator: ", ").replacingPipes
  }

  /// The parts of a type between `|` that are outside brackets.
  private static func alternatives(_ type: String) -> [String] {
    var parts = [""]
    var depth = 0
    for character in type {
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      if character == "|", depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }

  private static func short(_ name: String) -> String {
    String(name.split(separator: ".").last ?? "")
  }

  private func cell(_ text: String) -> String {
    text.split(separator: "moonwheel.", omittingEmptySubsequences: false).joined().replacingPipes
  }
}

extension String {
  /// A pipe ends a cell of a table, in code too.
  fileprivate var replacingPipes: String {
    split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  fileprivate var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }
}
