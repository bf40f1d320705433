import COutside
import SystemCalls

/// What is left of a process group whose leader was reaped: tells when that has ended. Used by the I/O thread alone.
///
/// The kernel counts a process that has ended and was not reaped as a member, and who reaps is the system's first process,
/// which takes its time, or never does it in some containers. So the members are looked up, once, and each is waited for.
final class GroupRemnant {
  private let group: Int32
  private let onGone: (IOLoop) -> Void
  private var members: [IOLoop.Watch: OpenFile] = [:]
  private var isOver = false
  private var looks = 0

  /// How often members are looked up: one that forks and ends leaves a new one. What forks on is killed in time.
  private static let mostLooks = 10

  init(_ group: Int32, onGone: @escaping (IOLoop) -> Void) {
    self.group = group
    self.onGone = onGone
  }

  func start(_ loop: IOLoop) {
    looks += 1
    let all = MarkedProcess.numbers(in: "/proc")
    let living = all.filter { id in
      guard let status = ProcessStatus(id) else { return false }
      return status.group == group && !status.hasEnded
    }
    // Without /proc the time decides.
    if !all.isEmpty, living.isEmpty { return finish(loop) }
    for id in living { watch(id, loop) }
  }

  private func watch(_ id: Int32, _ loop: IOLoop) {
    do throws(SystemCallError) {
      let process = OpenFile(try Descriptor(outside_open_process(id), of: "pidfd_open"))
      var watch: IOLoop.Watch?
      watch = try loop.watch(process.descriptor.number, for: .readable) { loop, _ in
        if let watch { self.memberEnded(watch, loop) }
      }
      if let watch { members[watch] = process }
    } catch {
      // It has ended since, or there are no descriptors left; the time decides.
    }
  }

  private func memberEnded(_ watch: IOLoop.Watch, _ loop: IOLoop) {
    loop.end(watch)
    members[watch] = nil
    if members.isEmpty, looks < Self.mostLooks { start(loop) }
  }

  private func finish(_ loop: IOLoop) {
    guard !isOver else { return }
    isOver = true
    onGone(loop)
  }

  /// Ends the watch. Nothing is told any more.
  func stop(_ loop: IOLoop) {
    isOver = true
    for watch in members.keys { loop.end(watch) }
    members = [:]
  }
}
