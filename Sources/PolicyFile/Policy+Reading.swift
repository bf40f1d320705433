import LuaSyntax
import Permissions
import Triggers

/// Reads a policy without running it.
extension Policy {
  package init(reading text: [UInt8]) throws(PolicyError) {
    let calls: [DataCall]
    do throws(DataError) { calls = try DataReader.calls(in: text) } catch {
      throw PolicyError(line: error.line, message: error.message)
    }
    guard calls.count <= Self.maxRules else {
      throw PolicyError(
        line: calls[Self.maxRules].line,
        message:
          "a policy has \(Self.maxRules) rules at most: let one stand for several scripts, as in allow(\"reports/*.lua\", ...)"
      )
    }
    var rules: [Rule] = []
    for call in calls { rules.append(try Rule(call)) }
    self.init(rules: rules)
  }
}

extension Policy.Rule {
  init(_ call: DataCall) throws(PolicyError) {
    guard let word = Policy.Word(rawValue: call.word) else {
      let near = Spelling.nearest(to: call.word, in: Policy.Word.allCases.map(\.rawValue))
      throw PolicyError(
        line: call.line,
        message: "a policy has the words allow and deny, not \"\(call.word)\""
          + (near.map { ": did you mean \($0)?" } ?? ""))
    }
    guard call.arguments.count == 2, case .string(let scripts) = call.arguments[0].content,
      case .table(let items) = call.arguments[1].content
    else {
      throw PolicyError(
        line: call.line,
        message:
          "\(word) takes the scripts and what they may do, as in \(word)(\"poll.lua\", { net = { \"api.example.com\" } })"
      )
    }
    self.word = word
    self.scripts = try Self.glob(scripts, call.arguments[0].line)
    entries = try Self.entries(items, of: word, call.arguments[1].line)
    line = call.line
    range = call.range
  }

  private static func glob(_ text: String, _ line: Int) throws(PolicyError) -> ScriptGlob {
    let problem: String? =
      if text.isEmpty {
        "the scripts are missing: write \"*\" for all"
      } else if text.utf8.count > ScriptGlob.maxLength {
        "a pattern of scripts has \(ScriptGlob.maxLength) bytes at most"
      } else if text.hasPrefix("/") || text.hasPrefix("./") {
        "\"\(text)\": the path of a script begins in the folder of the policy, as in \"reports/a.lua\""
      } else if text.split(separator: "/").contains("..") {
        "\"\(text)\": a policy is for the scripts in its own folder and below, so .. leads nowhere"
      } else if hasControls(text) {
        "the pattern of scripts has a control character, which no script's name has"
      } else {
        nil
      }
    if let problem { throw PolicyError(line: line, message: problem) }
    return ScriptGlob(text)
  }

  private static func hasControls(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
  }

  private static func entries(
    _ items: [LuaData.Item], of word: Policy.Word, _ line: Int
  ) throws(PolicyError) -> PermissionSet {
    var entries: PermissionSet = [:]
    var seen: Set<PermissionKind> = []
    for item in items {
      let line = item.value.line
      guard let key = item.key else {
        throw PolicyError(
          line: line,
          message:
            "each entry has a kind of permission before it, as in { net = { \"api.example.com\" } }"
        )
      }
      guard let kind = PermissionKind(rawValue: key) else {
        throw PolicyError(line: line, message: unknown(key))
      }
      guard seen.insert(kind).inserted else {
        throw PolicyError(
          line: line, message: "\(kind) is there twice: put its entries into one table")
      }
      entries[kind] = try texts(item.value, kind)
    }
    guard !entries.isEmpty else {
      throw PolicyError(
        line: line, message: "\(word) names no permission: write some, or remove the line")
    }
    return entries
  }

  private static func unknown(_ key: String) -> String {
    guard key != "optional" else {
      return "optional is a word of scripts: a policy only says what is granted"
    }
    let kinds = PermissionKind.allCases.map(\.rawValue)
    let near = Spelling.nearest(to: key, in: kinds)
    return "there is no permission \"\(key)\""
      + (near.map { ": did you mean \($0)?" } ?? "; there are " + kinds.joined(separator: ", "))
  }

  /// A text, or a table of texts.
  private static func texts(
    _ value: LuaData, _ kind: PermissionKind
  ) throws(PolicyError) -> [String] {
    if case .string(let text) = value.content { return [try entry(text, kind, value.line)] }
    guard case .table(let items) = value.content else {
      throw PolicyError(
        line: value.line,
        message: "the entries of \(kind) are texts, as in \(kind) = { \(example(value)) }")
    }
    var texts: [String] = []
    for item in items {
      guard item.key == nil, case .string(let text) = item.value.content else {
        throw PolicyError(
          line: item.value.line,
          message:
            "the entries of \(kind) are texts in quotes, as in \(kind) = { \(example(item.value)) }"
        )
      }
      texts.append(try entry(text, kind, item.value.line))
    }
    guard texts.count <= PermissionSet.most else {
      throw PolicyError(
        line: value.line, message: "\(kind) has more than \(PermissionSet.most) entries in one rule"
      )
    }
    return texts
  }

  private static func entry(
    _ text: String, _ kind: PermissionKind, _ line: Int
  ) throws(PolicyError) -> String {
    do throws(EntryProblem) {
      try PermissionSet([kind: [text]]).check()
    } catch {
      throw PolicyError(line: line, message: "\(error)")
    }
    return text
  }

  private static func example(_ value: LuaData) -> String {
    switch value.content {
    case .string(let text), .other(let text): LuaQuote.quoted(text, most: 60)
    case .table: "\"...\""
    }
  }
}
