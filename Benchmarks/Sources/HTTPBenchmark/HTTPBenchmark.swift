import BenchmarkSupport
import Glibc
import Moonwheel

/// Requests of scripts to nginx on the same machine, 50 at once, beside bare libcurl and aiohttp in the same run; and
/// 1,000 at once that each take some seconds: their memory, and how many threads there are.
///
///     HTTPBenchmark [--smoke]
@main struct HTTPBenchmark {
  private static let isSmoke = CommandLine.arguments.contains("--smoke")
  private static let count = isSmoke ? 2_000 : 40_000
  private static let rounds = isSmoke ? 1 : 3
  private static let inFlight = 50
  private static let peers = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()

  // The optimizer of Swift 6.3 crashes on these three.
  @_optimize(none)
  static func main() async throws {
    let port = 20_000 + Int(getpid()) % 10_000
    let folder = Folder()
    guard let server = serve(port, folder) else {
      print("nginx is not installed: make deps-test")
      return
    }
    defer { server.stop() }
    let url = "http://127.0.0.1:\(port)/"
    print(
      "\(count) requests, \(inFlight) at once, nginx beside: the best of \(rounds) rounds in one run"
    )
    var (bare, ours, aiohttp) = (Times.longest, Times.longest, Times.longest)
    for _ in 0..<rounds {
      bare = bare.better(BareTransfers(url, count).run(inFlight: inFlight))
      ours = ours.better(try await scripts(port))
      aiohttp = aiohttp.better(Self.aiohttp(url))
    }
    row("bare libcurl, multi, one thread", bare, bare)
    row("scripts", ours, bare)
    if aiohttp.wall < .infinity {
      row("aiohttp", aiohttp, bare)
      print("  scripts make \(tenths(aiohttp.wall / ours.wall)) times as many as aiohttp")
    } else {
      print("  aiohttp is not installed: make bench-peers")
    }
    try await many(port)
  }

  private static func serve(_ port: Int, _ folder: Folder) -> Child? {
    chmod(folder.path, 0o755)
    folder.write(
      """
      daemon off; pid nginx.pid; error_log stderr crit; worker_processes 1;
      events { worker_connections 4096; }
      http {
        access_log off; keepalive_requests 10000000;
        client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
        server {
          listen 0.0.0.0:\(port) backlog=4096; root .;
          location = / { default_type text/plain; return 200 "\(String(repeating: "x", count: 80))"; }
          location = /slow { limit_rate 40; }
        }
      }
      """, to: "nginx.conf")
    folder.write(String(repeating: "x", count: 120), to: "slow")
    guard let server = Child(["nginx", "-p", folder.path, "-c", "nginx.conf"]) else { return nil }
    while !answers(port) { Process.sleep(seconds: 0.01) }
    return server
  }

  private static func answers(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func host(_ scripts: [(name: String, source: String)]) throws -> Host {
    var configuration = Configuration()
    configuration.texts = scripts
    configuration.permissions = .asked
    return try Host(configuration)
  }

  /// Through Lua, with the check of permissions, 50 runs that send one request after the other.
  @_optimize(none)
  private static func scripts(_ port: Int) async throws -> Times {
    // More than 16 connections to one origin are not made: three names for it.
    let host = try host([
      (
        name: "a.lua",
        source: """
        permissions { net = { "127.0.0.0/8:\(port)" } }
        local left, running = \(count), \(inFlight)
        on("go", { name = "go", overlap = "allow", max_instances = \(inFlight) }, function(event)
          local url = "http://127.0.0." .. event.payload % 4 + 1 .. ":\(port)/"
          while left > 0 do
            left = left - 1
            local answer = assert(http.get(url))
            assert(answer.status == 200 and #answer.body == 80)
          end
          running = running - 1
          if running == 0 then report("done") end
        end)
        """
      )
    ])
    let (began, used) = (Process.monotonicTime(), Process.processorTime())
    for number in 0..<inFlight { try host.scheduler.emit("go", .integer(Int64(number))) }
    _ = await host.next("done")
    let times = Times(since: began, used: used)
    await host.stop()
    return times
  }

  private static func aiohttp(_ url: String) -> Times {
    let python = "\(peers)/.build-peers/bin/python"
    guard access(python, X_OK) == 0,
      let child = Child([
        python, "\(peers)/Benchmarks/Peers/requests_at_once.py", url, "\(count)", "\(inFlight)",
      ]),
      let line = child.nextLine()
    else { return .longest }
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    return numbers.count == 2 ? Times(wall: numbers[0], cpu: numbers[1]) : .longest
  }

  /// Requests that wait for their answer: 16 scripts of 63.
  @_optimize(none)
  private static func many(_ port: Int) async throws {
    let (scripts, each) = (16, isSmoke ? 4 : 63)
    let before = Process.residentBytes()
    let host = try host(
      (0..<scripts).map { number in
        (
          name: "s\(number).lua",
          source: """
          permissions { net = { "127.0.0.0/8:\(port)" } }
          local left = \(each)
          on("go", { name = "go", overlap = "allow", max_instances = \(each) }, function(event)
            local answer = assert(http.get("http://127.0." .. event.payload % 8 .. ".\(number + 1):\(port)/slow"))
            assert(#answer.body == 120)
            left = left - 1
            if left == 0 then report("done") end
          end)
          """
        )
      })
    let loaded = Process.residentBytes()
    let began = Process.monotonicTime()
    for number in 0..<each { try host.scheduler.emit("go", .integer(Int64(number))) }
    Process.sleep(seconds: isSmoke ? 0.5 : 1.5)
    let peak = Process.residentBytes()
    let threads = Process.contextSwitches().count
    for _ in 0..<scripts { _ = await host.next("done") }
    let seconds = Double(Process.monotonicTime() - began) / 1e9
    await host.stop()
    print(
      "\(scripts * each) requests at once that wait: \(mebibytes(peak)) MiB in all, \(mebibytes(peak - loaded)) of them for the requests, \(mebibytes(loaded - before)) for a host with \(scripts) scripts; \(threads) threads; \(tenths(seconds)) s"
    )
  }

  private static func row(
    _ name: String, _ times: Times, _ base: Times
  ) {
    print(
      "  \(name): \(Int(Double(count) / times.wall)) a second, \(tenths(times.cpu * 1e6 / Double(count))) us of processor time each; \(tenths(times.wall / base.wall)) times the time of bare libcurl"
    )
  }

  private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
  private static func mebibytes(_ bytes: Int) -> String { tenths(Double(bytes) / 1_048_576) }
}
