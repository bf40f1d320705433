import Testing

/// Holds the files of each target against circles: across folders there is none, and in one folder none of more than four.
struct FileGraphTests {
  private static let largestCircle = 4

  private static func folder(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  private static func isTooLarge(_ circle: [String]) -> Bool {
    circle.count > largestCircle || Set(circle.map(folder)).count > 1
  }

  @Test(arguments: Layer.table.map(\.target))
  func `the files of a target form no large circle`(target: String) throws {
    let files = try Repository.sources().filter { $0.target == target }
    for isSwift in [true, false] {
      let code = files.filter { $0.isSwift == isSwift && !$0.path.hasSuffix(".h") }
        .map { (path: $0.path, code: $0.code) }
      for circle in FileGraph(code).circles where Self.isTooLarge(circle) {
        Issue.record("these files use each other in a circle: \(circle.joined(separator: ", "))")
      }
    }
  }

  @Test func `a circle is found, over other files too`() {
    let graph = FileGraph([
      ("a/A.swift", "struct A { var b: B }"),
      ("a/B.swift", "package struct B { func f() -> C? { nil } }"),
      ("b/C.swift", "public final class C { let a: A }"), ("b/D.swift", "enum D { case a(A) }"),
    ])
    #expect(graph.circles == [["a/A.swift", "a/B.swift", "b/C.swift"]])
    #expect(Self.isTooLarge(graph.circles[0]))
  }

  @Test func `private types, nested types and extensions make no circle`() {
    let graph = FileGraph([
      ("A.swift", "struct A { struct Inner {} }\nprivate struct State {}"),
      ("A+B.swift", "extension A { var inner: Inner { Inner() } }\nprivate struct State {}"),
      ("B.swift", "struct B { let a: A.Inner; let s: State }"),
    ])
    #expect(graph.circles == [])
  }

  @Test func `functions of C make a circle`() {
    let graph = FileGraph([
      ("a.c", "int f(int a) {\n  return g(a);\n}\nstatic int h(void) { return 0; }"),
      ("b.c", "int g(int a)\n{\n  return f(a);\n}\nstatic int h(void) { return 1; }"),
      ("c.c", "int k(void) { return h() + f(0); }"),
    ])
    #expect(graph.circles == [["a.c", "b.c"]])
  }
}
