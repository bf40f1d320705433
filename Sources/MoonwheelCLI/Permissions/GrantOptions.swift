import ArgumentParser
import Permissions

/// `--allow-asked`, and for each kind of permission `--allow-KIND` and `--deny-KIND`, which may be repeated. As for
/// ``RunOptions``, parser and decoder get their names from a table.
struct GrantOptions: ParsableArguments, CustomReflectable {
  enum Word: String, CaseIterable { case allow, deny }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
    init(_ word: Word, _ kind: PermissionKind) { self.init(stringValue: "\(word)-\(kind)") }
  }

  private static let asked = "allow-asked"

  private(set) var flags = GrantFlags()

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    flags.allowsAsked = try container.decode(
      Flag<Bool>.self, forKey: Key(stringValue: Self.asked)
    ).wrappedValue
    for kind in PermissionKind.allCases {
      flags.allowed[kind] = try Self.values(container, Key(.allow, kind))
      flags.denied[kind] = try Self.values(container, Key(.deny, kind))
    }
  }

  private static func values(
    _ container: KeyedDecodingContainer<Key>, _ key: Key
  ) throws -> [String] {
    try container.decode(Option<[String]>.self, forKey: key).wrappedValue
  }

  var customMirror: Mirror {
    let asked = Flag(
      wrappedValue: false, name: .customLong(Self.asked),
      help: "Grant to each script what it asks for (MOONWHEEL_ALLOW_ASKED).")
    var children: [(label: String?, value: Any)] = [(Self.asked, asked)]
    for word in Word.allCases {
      for kind in PermissionKind.allCases {
        let key = Key(word, kind)
        let option = Option<[String]>(
          wrappedValue: [], name: .customLong(key.stringValue), parsing: .singleValue,
          help: ArgumentHelp(Self.help(word, kind), valueName: kind.placeholder))
        children.append((key.stringValue, option))
      }
    }
    return Mirror(self, children: children)
  }

  private static func help(_ word: Word, _ kind: PermissionKind) -> String {
    let verb = word == .allow ? "Grant to all scripts" : "Deny to all scripts"
    let variable = "MOONWHEEL_\(word.rawValue.uppercased())_\(kind.rawValue.uppercased())"
    return "\(verb): \(kind.help); may be repeated (\(variable))."
  }
}

extension PermissionKind {
  fileprivate var placeholder: String {
    switch self {
    case .net, .insecure: "host"
    case .read, .write, .unix: "path"
    case .run: "program"
    case .env, .secret: "name"
    case .mail: "address"
    case .kv: "key"
    case .send: "queue"
    }
  }

  fileprivate var help: String {
    switch self {
    case .net: "connect to this host, as in api.example.com"
    case .read: "read this file or folder"
    case .write: "write this file or folder"
    case .run: "start this program"
    case .env: "read this variable of the environment"
    case .secret: "have this secret"
    case .mail: "send mail to this address"
    case .kv: "use these keys, as in shop.*"
    case .unix: "connect to this socket in the file system"
    case .send: "send tasks to this queue"
    case .insecure: "connect to this host without checking who it is"
    }
  }
}
