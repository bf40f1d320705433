/// A value that the I/O thread alone touches, as others see it: they can pass it on, and that thread opens it.
///
/// `@unchecked Sendable`: the value is reached with the loop alone, which no other thread has. Whoever makes it
/// on another thread keeps no reference to the value. Any thread may release it last: its `deinit` uses nothing of the loop.
package struct LoopOwned<Value>: @unchecked Sendable {
  private let value: Value

  package init(_ value: Value) { self.value = value }

  package func callAsFunction(_ loop: IOLoop) -> Value { value }
}
