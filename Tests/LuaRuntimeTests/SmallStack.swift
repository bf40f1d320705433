import Glibc
import Testing

/// What crosses to a thread and back; the thread is joined before it is read.
private final class Box: @unchecked Sendable {
  let body: () throws -> Void
  var problem: (any Error)?
  init(_ body: @escaping () throws -> Void) { self.body = body }
}

/// Calls the body on a thread whose stack has just so many bytes: libc gives a thread the larger stack of one that has ended.
func onStack<Result>(of size: Int, _ body: @escaping () throws -> Result) throws -> Result {
  var result: Result?
  let box = Box { result = try body() }
  let stack = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4_096)
  defer { unsafe stack.deallocate() }
  var attributes = pthread_attr_t()
  unsafe pthread_attr_init(&attributes)
  defer { unsafe pthread_attr_destroy(&attributes) }
  unsafe pthread_attr_setstack(&attributes, stack, size)
  var thread = pthread_t()
  let status = unsafe pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument = unsafe argument else { return nil }
      let box = unsafe Unmanaged<Box>.fromOpaque(argument).takeUnretainedValue()
      do { try box.body() } catch { box.problem = error }
      return nil
    }, Unmanaged.passUnretained(box).toOpaque())
  #expect(status == 0)
  pthread_join(thread, nil)
  if let problem = box.problem { throw problem }
  return try #require(result)
}
