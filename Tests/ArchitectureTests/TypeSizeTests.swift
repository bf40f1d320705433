import Testing

/// Holds each type against its limits.
struct TypeSizeTests {
  /// What a limit may be above the size before it has to follow.
  private static let slack = TypeSizes.Size(properties: 0, lines: 20)

  @Test func `no type is larger than its limits`() throws {
    var open = TypeLimits.exceptions
    for (target, files) in Dictionary(grouping: try Repository.sources(), by: \.target) {
      let code = files.filter(\.isSwift).map { $0.code }
      for (type, size) in TypeSizes(code).sizes {
        let name = "\(target).\(type)"
        let limit = open.removeValue(forKey: name)
        check(name, size, limit ?? TypeLimits.usual, isException: limit != nil)
      }
    }
    #expect(open.isEmpty, "these types are gone; take them out of TypeLimits")
  }

  private func check(
    _ name: String, _ size: TypeSizes.Size, _ limit: TypeSizes.Size, isException: Bool
  ) {
    #expect(
      size.properties <= limit.properties && size.lines <= limit.lines,
      "\(name) has \(size.properties) stored properties and \(size.lines) lines; its limits are \(limit.properties) and \(limit.lines): find the second type in it"
    )
    guard isException else { return }
    let usual = TypeLimits.usual
    let isLoose =
      limit.properties > max(size.properties + Self.slack.properties, usual.properties)
      || limit.lines > max(size.lines + Self.slack.lines, usual.lines)
    #expect(
      !isLoose,
      "\(name) has become smaller: lower its limits in TypeLimits to \(size.properties) and \(size.lines)"
    )
  }

  @Test func `properties and lines are counted over all extensions`() {
    let sizes = TypeSizes([
      """
      public struct A {
        let a: Int
        public private(set) var b = [1]
        static let c = 1
        var d: Int { a }
        var e: Int {
          let local = 1
          return local
        }
        @Flag var f = { 1 }()
        struct B {
          var inner: Int
        }
      }

      struct Empty {}
      """,
      "extension A {\n  func g() {}\n}\nlet free = 1",
    ])
    #expect(sizes.sizes["A"] == TypeSizes.Size(properties: 3, lines: 17))
    #expect(sizes.sizes["Empty"] == TypeSizes.Size(properties: 0, lines: 1))
  }
}
