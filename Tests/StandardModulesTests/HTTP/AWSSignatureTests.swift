import LuaRuntime
import Testing
import Transfers

@testable import StandardModules

/// The requests that Amazon has published with their signatures.
struct AWSSignatureTests {
  init() throws {
    let problem = CurlLibrary.load()
    try #require(problem == nil)
  }

  private static let empty = Digest.hex(Digest.sha256([]))

  private func authorization(_ headers: [TransferHeader]) -> String {
    let header = headers.first { $0.name == "Authorization" }
    return String(decoding: header?.value ?? [], as: UTF8.self)
  }

  @Test(arguments: [
    (
      "GET", "/test.txt", [TransferHeader("Range", "bytes=0-9")], empty,
      "host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ),
    (
      "PUT", "/test$file.text",
      [
        TransferHeader("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        TransferHeader("x-amz-storage-class", "REDUCED_REDUNDANCY"),
      ], Digest.hex(Digest.sha256(Array("Welcome to Amazon S3.".utf8))),
      "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    ),
    (
      "GET", "/?lifecycle", [], empty,
      "host;x-amz-content-sha256;x-amz-date, Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    ),
    (
      "GET", "/?prefix=J&max-keys=2", [], empty,
      "host;x-amz-content-sha256;x-amz-date, Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    ),
  ])
  func `S3's examples`(
    _ method: String, _ path: String, _ headers: [TransferHeader], _ payload: String,
    _ end: String
  ) throws {
    let signature = AWSSignature(
      region: "us-east-1", service: "s3", key: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    let url = try TransferURL("https://examplebucket.s3.amazonaws.com\(path)")
    let signed = signature.sign(method, url, headers, payload: payload, at: 1_369_353_600)
    #expect(
      authorization(signed)
        == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=\(end)"
    )
    #expect(signed.contains(TransferHeader("X-Amz-Content-Sha256", payload)))
  }

  @Test(arguments: [
    ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    (
      "/?Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ),
    (
      "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
      "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"
    ),
    (
      "/?\u{1234}=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"
    ),
    ("/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
  ])
  func `the suite of the signature's version 4`(_ path: String, _ expected: String) throws {
    let signature = AWSSignature(
      region: "us-east-1", service: "service", key: "AKIDEXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    let url = try TransferURL("https://example.amazonaws.com\(path)")
    let signed = signature.sign("GET", url, [], payload: Self.empty, at: 1_440_938_160)
    #expect(
      authorization(signed)
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=\(expected)"
    )
  }

  @Test func `keys with odd characters are encoded as S3 does`() throws {
    let signature = AWSSignature(region: "r", service: "s3", key: "k", secret: "s")
    // One key, spelled in several ways that a server decodes to the same.
    let spellings = ["/b/a=b+c:d e", "/b/a%3Db%2Bc%3Ad%20e", "/b/a%3db+c:d%20e"]
    let signed = try spellings.map { path in
      authorization(
        signature.sign(
          "GET", try TransferURL("https://x.example\(path)?x=a%2Fb&a=1+2"), [],
          payload: Self.empty, at: 0))
    }
    #expect(Set(signed).count == 1)
  }
}
