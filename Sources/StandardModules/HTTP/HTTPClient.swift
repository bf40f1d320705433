import ModuleKit
import Permissions
import ScriptHost
import Synchronization
import Transfers

/// Sends the requests of the scripts of one host.
final class HTTPClient: Sendable {
  let transfers: Transfers
  let files: FileService
  let proxies: HostProxies

  init(_ io: HostIO, _ files: FileService) {
    transfers = io.transfers
    self.files = files
    proxies = HostProxies()
  }

  /// What the script of the call may reach, at the time of each hop.
  static func policy(_ request: TransferRequest, of call: FunctionCall) -> TransferPolicy {
    let (isVerified, socket) = (request.security.isVerified, request.socket)
    return TransferPolicy(
      name: { url in
        let grants = call.grants
        if !isVerified, url.scheme == "https", !grants.allows(.insecure, url.authority) {
          return TransferFailure(call.denial(.insecure, url.authority))
        }
        guard socket == nil else { return nil }
        guard grants.allowsName(url.host, port: url.namedPort, scheme: url.scheme) else {
          return TransferFailure(call.denial(.net, url.authority))
        }
        return nil
      },
      address: { address, url in
        call.grants.allowsAddress(
          address, of: url.host, port: url.namedPort, scheme: url.scheme)
      },
      addressDenial: { url in
        TransferFailure(call.denial(.net, url.authority + " private"))
      })
  }

  /// With what its files say.
  func security(
    of request: HTTPRequest, for call: FunctionCall
  ) async throws(Refusal) -> TransferSecurity {
    let (certificates, security) = (request.certificates, request.transfer.security)
    let places = certificates.places
    guard !places.isEmpty else { return security }
    let read: Result<TransferSecurity, FileFailure> = await withCheckedContinuation {
      continuation in
      files.inPool(for: call, places) { (disk) throws(FileFailure) in
        var filled = security
        try certificates.read(disk, into: &filled)
        continuation.resume(returning: .success(filled))
      } failed: {
        continuation.resume(returning: .failure($0))
      }
    }
    do throws(FileFailure) {
      return try read.get()
    } catch {
      throw error.refusal(of: places[0].shown, call)
    }
  }

  func send(_ request: HTTPRequest, for call: FunctionCall, _ answer: CallAnswer) {
    HTTPCall(self, request, call, answer).begin()
  }
}

extension TransferFailure {
  fileprivate init(_ refusal: Refusal) { self.init(.denied, refusal.message) }
}
