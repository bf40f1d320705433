/// The descriptions of the Lua words in `stdlib/library/moonwheel.d.lua`, as the Lua language server reads them.
struct Stubs {
  /// `name? type text`: a field, a parameter or a result.
  struct Field: Equatable {
    var name: String
    var isOptional = false
    var type: String
    var text: String
    var isDeprecated = false
  }

  struct Item {
    enum Kind: Equatable {
      case alias(String)
      case type(parent: String?)
      case function(parameters: String)
      case value
    }

    var kind: Kind
    /// `every`, `Job:pause`, `moonwheel.Duration`
    var name: String
    /// Paragraphs and blocks of code, in the lines of the file.
    var text: [String] = []
    /// Of a type.
    var fields: [Field] = []
    var parameters: [Field] = []
    var results: [Field] = []
    /// The name under which the type's functions are declared, as `Job` in `local Job = {}`.
    var table: String?
  }

  struct Section {
    var title: String
    var items: [Item] = []
  }

  private(set) var sections: [Section] = []

  init(_ file: String) {
    var block: [String] = []
    for line in file.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("---") {
        block.append(String(line.dropFirst(3)))
        continue
      }
      if let title = line.wholeMatch(of: /-- (.+?) -+/)?.1 {
        sections.append(Section(title: String(title)))
      } else if !block.isEmpty, let item = Item(block, code: line), !sections.isEmpty {
        sections[sections.count - 1].items.append(item)
      }
      block = []
    }
  }

  var items: [Item] { sections.flatMap(\.items) }

  /// The fields of a type and of those above it.
  func fields(of name: String) -> [Field] {
    guard let type = items.first(where: { $0.name == name }) else { return [] }
    guard case .type(let parent?) = type.kind else { return type.fields }
    return fields(of: parent) + type.fields
  }
}

extension Stubs.Item {
  /// `code` is the line below the comment.
  fileprivate init?(_ block: [String], code: String) {
    self.init(kind: .value, name: "")
    var pending: [String] = []
    var isDeprecated = false
    for line in block {
      guard line.hasPrefix("@") else {
        pending.append(line)
        continue
      }
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      let rest = parts.count > 1 ? parts[1] : ""
      switch parts[0] {
      case "@deprecated": isDeprecated = true
      case "@field":
        var field = Stubs.Field(rest)
        if !pending.isEmpty { field.text = pending.joined(separator: " ") }
        field.isDeprecated = isDeprecated
        fields.append(field)
        (pending, isDeprecated) = ([], false)
      case "@param": parameters.append(Stubs.Field(rest))
      case "@return": results.append(Stubs.Field(result: rest))
      case "@class", "@alias":
        (text, pending) = (pending, [])
        let words = Stubs.splitType(rest)
        name = words.0
        if parts[0] == "@alias" {
          kind = .alias(words.1)
        } else if let parent = name.firstIndex(of: ":") {
          kind = .type(parent: String(name[name.index(after: parent)...].drop { $0 == " " }))
          name = String(name[..<parent])
        } else {
          kind = .type(parent: nil)
        }
      default: break  // @operator, @overload, @type
      }
    }
    if name.isEmpty { text = pending }
    if let match = code.wholeMatch(of: /function ([\w.:]+)\((.*)\) end/) {
      (name, kind) = (String(match.1), .function(parameters: String(match.2)))
    } else if let match = code.wholeMatch(of: /local (\w+) = \{\}/) {
      table = String(match.1)
    } else if let match = code.wholeMatch(of: /(\w+) = \{\}/) {
      (name, table) = (String(match.1), String(match.1))
      if text.isEmpty { text = pending }
    }
    if name.isEmpty { return nil }
  }
}

extension Stubs.Field {
  /// `name? type text`
  fileprivate init(_ line: String) {
    let (word, rest) = Stubs.splitType(line)
    let (type, text) = Stubs.splitType(rest)
    let isOptional = word.hasSuffix("?")
    self.init(
      name: isOptional ? String(word.dropLast()) : word, isOptional: isOptional, type: type,
      text: text)
  }

  /// `type name text`
  fileprivate init(result line: String) {
    let (type, text) = Stubs.splitType(line)
    self.init(name: "", type: type, text: text)
  }
}

extension Stubs {
  /// The type with which a text begins, and the rest. A type may have spaces: in brackets, and after a colon.
  fileprivate static func splitType(_ text: String) -> (String, String) {
    var depth = 0
    var previous: Character = " "
    for index in text.indices {
      let character = text[index]
      if "([{<".contains(character) { depth += 1 }
      if ")]}>".contains(character) { depth -= 1 }
      if character == " ", depth == 0, previous != ":" {
        return (String(text[..<index]), String(text[text.index(after: index)...]))
      }
      previous = character
    }
    return (text, "")
  }
}
