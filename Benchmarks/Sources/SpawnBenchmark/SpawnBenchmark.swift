import COutside
import Glibc
import SystemCalls
import SystemIO
import WorkerPool

/// How long `true` takes from the start to its reported end: by posix_spawn and a pidfd, the least that a program can do,
/// and by the I/O thread, without and with a confinement. One after the other, and all three in turns, so that what else
/// the machine does hits all alike.
///
/// - `--smoke`: a few programs only.
@main struct SpawnBenchmark {
  private static let program = "/bin/true"
  /// Each way is measured so often, this many programs at once.
  private static let (rounds, count) =
    CommandLine.arguments.contains("--smoke") ? (2, 10) : (15, 100)

  static func main() throws {
    let thread = IOThread()
    var bare: [Double] = []
    var (free, confined): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      bare.append(time { try posixSpawn() })
      free.append(time { try run(nil, on: thread) })
      confined.append(time { try run(confinement, on: thread) })
    }
    thread.stop(until: Clocks.elapsed() + 1_000_000_000)
    let base = median(bare)
    print("\(program), one after the other: median of \(rounds) rounds of \(count), in one run")
    row("posix_spawn, pidfd, poll, waitid", base, base, nil)
    row("I/O thread, stdout and stderr captured", median(free), base, 1.3)
    row("the same, confined by Landlock", median(confined), base, 1.6)
    // Each of the rounds beside the posix_spawn of the same moment.
    let ratios = (ratio(free, bare), ratio(confined, bare))
    print("medians of the ratios within a round: \(digits(ratios.0)), \(digits(ratios.1))")
  }

  private static func ratio(_ one: [Double], _ other: [Double]) -> Double {
    median(zip(one, other).map { $0 / $1 })
  }

  private static func row(_ name: String, _ value: Double, _ base: Double, _ bound: Double?) {
    let limit = bound.map { ", at most \(digits($0)) is wanted" } ?? ""
    print("  \(name): \(Int(value)) us, \(digits(value / base)) times\(limit)")
  }

  private static func digits(_ value: Double) -> String {
    "\((value * 100).rounded() / 100)"
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// Microseconds a program.
  private static func time(_ body: () throws -> Void) -> Double {
    let before = Clocks.monotonic()
    for _ in 0..<count {
      do { try body() } catch { fatalError("\(error)") }
    }
    return Double(Clocks.monotonic() - before) / 1_000 / Double(count)
  }

  private static func posixSpawn() throws {
    var id = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), nil]
    defer { free(arguments[0]) }
    let status = posix_spawn(&id, program, nil, nil, &arguments, environ)
    guard status == 0 else { throw SystemCallError(call: "posix_spawn", code: status) }
    let descriptor = outside_open_process(id)
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&wanted, 1, -1)
    waitpid(id, nil, 0)
    close(descriptor)
  }

  private static let confinement = Confinement(
    ["/usr", "/bin", "/lib", "/lib64"].map { .init($0, [.read, .run]) }
      + ["/etc/ld.so.cache", "/etc/localtime", "/etc/resolv.conf"].map { .init($0, .read) }
      + [.init("/dev/null", [.read, .write]), .init("/tmp", [.read, .write])],
    ports: [443])

  private static func run(_ confinement: Confinement?, on thread: IOThread) throws {
    var wanted = Program(program)
    wanted.confinement = confinement
    let end = Condition<Bool?>(nil)
    let running = try RunningProgram(wanted, ProgramSetup(), on: thread) { result in
      if case .success(let success) = result { end.withLock { $0 = success.status == .exited(0) } }
      end.signal()
    } onGone: {
    }
    guard end.wait(for: { $0 }) else { throw SystemCallError(call: program, code: ECHILD) }
    withExtendedLifetime(running) {}
  }
}
