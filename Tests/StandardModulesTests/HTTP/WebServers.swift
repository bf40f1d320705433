import JobStore
import Moonwheel
import MoonwheelTesting
import SystemCalls
import TestServices
import TestSupport
import Testing

/// The servers of the tests of `http`, started once: nginx, and one that misbehaves as it is asked to.
final class WebServers: Sendable {
  let folder: TemporaryFolder
  /// Of nginx, without and with TLS.
  let (open, secure): (UInt16, UInt16)
  /// Of the one that misbehaves.
  let odd: UInt16
  private let services: [Service]

  static let shared = Result { try WebServers() }

  /// Starts them at the first call. Blocks.
  private init() throws {
    folder = try TemporaryFolder()
    (open, secure, odd) = (FreePort.next(), FreePort.next(), FreePort.next())
    try folder.write("hello.txt", "hello\n")
    try folder.write("nginx.conf", Self.configuration(open, secure, odd))
    try folder.write("odd.py", Self.misbehaving)
    let web = try Service(["/bin/sh", "-c", Self.starts], in: folder, until: .port(open))
    let other = try Service(
      ["python3", "odd.py", "\(odd)"], in: try TemporaryFolder(copying: folder.path("odd.py")),
      until: .port(odd))
    services = [web, other]
  }

  var http: String { "http://127.0.0.1:\(open)" }
  var https: String { "https://127.0.0.1:\(secure)" }
  var oddly: String { "http://127.0.0.1:\(odd)" }
  var authority: String { folder.path("cert.pem") }

  private static let starts = """
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 \
      -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem && exec nginx -p . -c nginx.conf -g 'daemon off;'
    """

  private static func configuration(_ open: UInt16, _ secure: UInt16, _ odd: UInt16) -> String {
    """
    pid nginx.pid; error_log stderr; worker_processes 1;
    events { worker_connections 512; }
    http {
      access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
      ssl_certificate cert.pem; ssl_certificate_key key.pem;
      server {
        listen 127.0.0.1:\(open); listen 127.0.0.1:\(secure) ssl; listen unix:socket; root .;
        location = /json { default_type application/json; add_header Set-Cookie a=1; add_header Set-Cookie b=2; return 200 '\u{FEFF}{"a":[1]}'; }
        location = /echo { default_type text/plain; return 200 "$request_method|$http_authorization|$http_cookie|$content_type|$args"; }
        location = /303 { return 303 /echo; }
        location = /307 { return 307 /echo; }
        location = /loop { return 302 /loop; }
        location = /away { return 302 http://127.0.0.1:\(odd)/echo; }
        location = /other-port { return 302 http://127.0.0.1:1/; }
        location = /down { return 302 http://127.0.0.1:\(open)/echo; }
        location = /metadata { return 302 http://169.254.169.254/latest; }
        location = /file { return 302 file:///etc/passwd; }
        location = /missing { return 404 "no such thing\\nat all"; }
      }
    }
    """
  }

  /// Stands for the servers that nobody wants to meet. Each request is a line of its log.
  private static let misbehaving = #"""
    import gzip, http.server, io, itertools, socketserver, sys, threading, time
    counts, lock = {}, threading.Lock()
    bomb = gzip.compress(bytes(20 << 20))
    class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.1"
      def log_message(self, *args): pass
      def answer(self, status, body=b"", headers={}):
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name, value)
        if "Content-Length" not in headers: self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
      def go(self):
        if self.path.startswith("http://"): return self.answer(200, ("proxied " + self.path).encode())
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        with lock: count = counts[self.path] = counts.get(self.path, 0) + 1
        if path == "/count": return self.answer(200, str(counts.get("/" + query, 0)).encode())
        if path == "/echo":
          text = "|".join([self.command, self.headers.get("Authorization", ""), self.headers.get("Cookie", ""), str(size)])
          return self.answer(200, (text + "|").encode() + body)
        if path == "/flaky": return self.answer(503 if count < 3 else 200, str(count).encode(), {"Retry-After": "0"})
        if path == "/later": return self.answer(503, b"", {"Retry-After": "86400"})
        if path == "/bomb": return self.answer(200, bomb, {"Content-Encoding": "gzip"})
        if path == "/head":
          self.wfile.write(b"HTTP/1.1 200 OK\r\n")
          for i in range(9000): self.wfile.write(b"X-%d: %s\r\n" % (i, b"a" * 60))
          return
        if path == "/short": return self.answer(200, b"abc", {"Content-Length": "10"})
        if path == "/nothing": return
        if path == "/noise": return self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        if path == "/gone": return self.answer(404 if self.command == "DELETE" else 500)
        self.send_response(200)
        self.end_headers()
        if path == "/endless":
          while True: self.wfile.write(b"a" * 65536)
        if path == "/slow":
          self.wfile.write(b"a")
          while True:
            self.wfile.flush()
            time.sleep(0.05)
            with lock: counts["/alive"] = counts.get("/alive", 0) + 1
            self.wfile.write(b"a")
      def do_GET(self):
        try: self.go()
        except OSError:
          with lock: counts["/closed"] = counts.get("/closed", 0) + 1
        finally:
          if self.path not in ("/echo", "/count", "/flaky", "/gone"): self.close_connection = True
      do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = do_GET
    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
      daemon_threads, request_queue_size = True, 128
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    """#
}

extension TemporaryFolder {
  fileprivate convenience init(copying path: String) throws {
    try self.init()
    try copy(path, to: path.split(separator: "/").last.map(String.init) ?? "file")
  }
}

/// Runs Lua in a job of a script that may use the servers.
struct WebScript {
  let servers: WebServers

  init() async throws {
    servers = try await inThread { try WebServers.shared.get() }
  }

  /// Every `$name` stands for a server.
  func filled(_ text: String) -> String {
    var text = text
    for (name, value) in [
      ("$https", servers.https), ("$http", servers.http), ("$odd", servers.oddly),
      ("$ca", servers.authority), ("$folder", servers.folder.path),
    ] {
      text = text.split(separator: name, omittingEmptySubsequences: false).joined(separator: value)
    }
    return text
  }

  func permissions(also host: String = "127.0.0.1:2") -> String {
    let hosts = [servers.open, servers.secure, servers.odd].map { "127.0.0.1:\($0)" } + [host]
    return "net = { '\(hosts.joined(separator: "', '"))' }"
  }

  func host(
    _ script: String, _ log: LogRecorder, asking: String? = nil, store: (any JobStore)? = nil,
    _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> Scheduler {
    var configuration = Configuration()
    configuration.permissions = .asked
    let asked = asking ?? permissions()
    configuration.texts = [
      (name: "a.lua", source: filled("permissions { \(asked) }\n\(script)"))
    ]
    configure(&configuration)
    let host =
      if let store {
        try Scheduler(configuration, store: store, logger: log.logger)
      } else {
        try Scheduler(configuration, logger: log.logger)
      }
    try host.start()
    _ = try await host.jobs
    return host
  }

  /// Runs the Lua in a job, and returns what it printed, and why it failed.
  func said(
    _ body: String, asking: String? = nil,
    _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> [String] {
    let log = LogRecorder()
    let host = try await host(
      "on('go', { name = 'job' }, function()\n\(body)\nprint('end')\nend)", log, asking: asking,
      configure)
    try host.emit("go")
    let isOver = try await inThread {
      log.wait(seconds: 60) { $0.contains { $0.message == "end" || $0.event == "run.failed" } }
    }
    #expect(isOver)
    await host.stop()
    return log.lines.filter { $0.isSaid || $0.event == "run.failed" }.map(\.message)
      .filter { $0 != "end" }
  }
}
