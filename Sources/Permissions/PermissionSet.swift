/// What a script asks for, or what somebody grants or denies: entries by kind, as written.
public struct PermissionSet: Sendable, Hashable {
  private var entries: [PermissionKind: [String]]

  public init(_ entries: [PermissionKind: [String]] = [:]) {
    self.entries = entries.filter { !$0.value.isEmpty }
  }

  /// The entries of a kind; none for a kind that the set does not have.
  public subscript(kind: PermissionKind) -> [String] {
    get { entries[kind] ?? [] }
    set { entries[kind] = newValue.isEmpty ? nil : newValue }
  }

  public var isEmpty: Bool { entries.isEmpty }

  /// The kinds with entries, in the order of ``PermissionKind``.
  public var kinds: [PermissionKind] { PermissionKind.allCases.filter { entries[$0] != nil } }
}

extension PermissionSet: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (PermissionKind, [String])...) {
    self.init(Dictionary(elements) { $0 + $1 })
  }
}
