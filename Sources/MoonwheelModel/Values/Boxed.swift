/// A value behind a reference. It keeps a type small whose value of this kind is large and rarely present.
public final class Boxed<Content: Sendable>: Sendable {
  public let content: Content
  // Inlinable, so that other modules specialise it: every event with a payload makes one.
  @inlinable public init(_ content: Content) { self.content = content }
}
