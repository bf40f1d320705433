/// A value behind a reference, where it is rare and would make what holds it large.
public final class Boxed<Content: Sendable>: Sendable {
  public let content: Content
  public init(_ content: Content) { self.content = content }
}
