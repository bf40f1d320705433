/// A value behind a reference. It keeps a type small whose value of this kind is large and rarely present.
public final class Boxed<Content: Sendable>: Sendable {
  public let content: Content
  // Inlinable, since a generic initializer of another module is not specialised: that cost an event several per cent.
  @inlinable public init(_ content: Content) { self.content = content }
}
