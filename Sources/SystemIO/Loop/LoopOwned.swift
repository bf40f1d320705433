/// A value that the I/O thread alone touches, as others see it: they can pass it on, and that thread opens it.
///
/// `@unchecked Sendable`: the value is reached with the loop alone, which no other thread has. Whoever makes it keeps no
/// reference to the value.
struct LoopOwned<Value>: @unchecked Sendable {
  private let value: Value

  init(_ value: Value) { self.value = value }

  func callAsFunction(_ loop: IOLoop) -> Value { value }
}
