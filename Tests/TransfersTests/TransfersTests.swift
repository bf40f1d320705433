import Glibc
import Synchronization
import SystemCalls
import SystemIO
import TestServices
import TestSupport
import Testing
import WorkerPool

@testable import Transfers

/// Names lead where a test says, to a server of this machine.
@Suite(.timeLimit(.minutes(2))) struct TransfersTests {
  private static let server = Result {
    let port = FreePort.next()
    let folder = try TemporaryFolder()
    try folder.write("a.txt", "hello")
    let service = try Service(
      ["python3", "-m", "http.server", "--bind", "127.0.0.1", "\(port)", "--protocol", "HTTP/1.1"],
      in: folder, until: .port(port))
    return (port, service)
  }

  private let thread = IOThread()
  private let port: UInt16

  init() async throws {
    port = try await inThread { try Self.server.get().0 }
    let problem = CurlLibrary.load()
    try #require(problem == nil)
  }

  private func transfers(_ answers: [String: [String]]) -> Transfers {
    Transfers(
      on: thread,
      resolver: Resolver { name in
        answers[name].map { .addresses($0) } ?? .failure("there is no such name")
      })
  }

  private func request(_ host: String) throws -> TransferRequest {
    var request = TransferRequest(try TransferURL("http://\(host):\(port)/a.txt"))
    request.connectTimeout = 20_000_000_000
    return request
  }

  private func only(_ allowed: String...) -> TransferPolicy {
    TransferPolicy(
      name: { _ in nil }, address: { address, _ in allowed.contains(address) },
      addressDenial: { TransferFailure(.denied, $0.host) })
  }

  @Test func `transfers that are dropped without a stop end`() async throws {
    let (ends, request) = (Condition(0), try request("a.example"))
    for _ in 0..<20 {
      let transfers = Transfers(
        on: IOThread(), resolver: Resolver { _ in .addresses(["127.0.0.1"]) })
      transfers.send(request, allowed: only("127.0.0.1")) { _ in ends.withLock { $0 += 1 } }
    }
    let all = try await inThread {
      ends.wait(until: Clocks.monotonic() + 30_000_000_000) { $0 == 20 ? true : nil }
    }
    #expect(all == true)
  }

  @Test func `a name leads to an address that is allowed, and never to another`() async throws {
    let transfers = transfers([
      "ok.example": ["169.254.169.254", "127.0.0.1"],
      "bad.example": ["169.254.169.254", "10.0.0.1"],
    ])
    let response = try await transfers.answer(request("ok.example"), allowed: only("127.0.0.1"))
    #expect(response.status == 200 && response.body == Array("hello".utf8))
    let code = await failure(transfers, "bad.example", only("127.0.0.1"))
    #expect(code == .denied)
    #expect(await failure(transfers, "none.example", only("127.0.0.1")) == .dns)
  }

  private func failure(
    _ transfers: Transfers, _ host: String, _ policy: TransferPolicy
  ) async -> TransferFailure.Code? {
    do {
      _ = try await transfers.answer(request(host), allowed: policy)
      return nil
    } catch {
      return (error as? TransferFailure)?.code
    }
  }

  @Test func `a connection that is there is not lent to who may not make it`() async throws {
    let transfers = transfers(["shared.example": ["127.0.0.1"]])
    #expect(await failure(transfers, "shared.example", .all) == nil)
    #expect(await failure(transfers, "shared.example", only("127.0.0.2")) == .denied)
    // The name is allowed only by another address, to which a connection has to be made.
    #expect(await failure(transfers, "shared.example", .all) == nil)
  }

  @Test func `a name that leads elsewhere next time does not get there`() async throws {
    let count = Atomic(0)
    let transfers = Transfers(
      on: thread,
      resolver: Resolver { _ in
        let isFirst = count.add(1, ordering: .relaxed).oldValue == 0
        return .addresses([isFirst ? "127.0.0.1" : "10.0.0.1"])
      })
    #expect(await failure(transfers, "rebinding.example", only("127.0.0.1")) == nil)
    // The first answer holds for a minute, for the check and for the connection alike.
    #expect(await failure(transfers, "rebinding.example", only("127.0.0.1")) == nil)
    #expect(count.load(ordering: .relaxed) == 1)
  }

  @Test func `where one address does not answer, the next one is tried`() async throws {
    let transfers = transfers(["two.example": ["127.0.0.9", "127.0.0.1"]])
    let response = try await transfers.answer(request("two.example"), allowed: .all)
    #expect(response.status == 200)
    let order = await withCheckedContinuation { continuation in
      transfers.resolver.find("two.example", for: "") { continuation.resume(returning: $0) }
    }
    #expect(order == .addresses(["127.0.0.1", "127.0.0.9"]))
  }

  @Test func `a lookup that hangs holds up nobody else, and can be cancelled`() async throws {
    let gate = Mutex<Bool>(false)
    let transfers = Transfers(
      on: thread,
      resolver: Resolver { name in
        while name == "hangs.example", !gate.withLock({ $0 }) { usleep(5_000) }
        return .addresses(["127.0.0.1"])
      })
    let isOver = Mutex<TransferFailure.Code?>(nil)
    let handle = transfers.send(try request("hangs.example"), allowed: .all) { result in
      if case .failure(let failure) = result { isOver.withLock { $0 = failure.code } }
    }
    #expect(await failure(transfers, "other.example", .all) == nil)
    handle.cancel()
    // Work of the thread is done in its order.
    #expect(await failure(transfers, "other.example", .all) == nil)
    #expect(isOver.withLock { $0 } == .cancelled)
    gate.withLock { $0 = true }
  }

  @Test func `the end of the host ends all requests`() async throws {
    let transfers = transfers(["a.example": ["127.0.0.1"]])
    #expect(await failure(transfers, "a.example", .all) == nil)
    try await inThread { [thread] in thread.stop(until: Clocks.elapsed() + 10_000_000_000) }
    #expect(await failure(transfers, "a.example", .all) == .cancelled)
  }
}
