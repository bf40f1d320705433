import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HTTPTests {
  @Test func `an answer has its parts`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      local r = assert(http.get("$http/hello.txt"))
      print(r.status, r.ok, r.body, r.headers["content-TYPE"], r.headers.nothing, r.url, r.redirects, r.size, r.elapsed > 0)
      r = assert(http.get("$http/json", { query = { b = "x y&", a = { 1, 2 } } }))
      print(r:json().a[1], r.headers["Set-Cookie"], table.concat(r:all("set-cookie"), "|"), r.url:match("%?.*"))
      r = http.head("$http/hello.txt")
      print(r.headers["Content-Length"], r.body)
      r = http.get("$http/missing")
      print(r.status, r.ok)
      local none, why, code, partial = http.get("$http/missing?key=1", { fail = true })
      print(none, why, code, partial.status)
      r = http.get("$http/303")
      print(r.url, r.redirects, http.get("$http/303", { redirects = 0 }).status)
      print(http.get("http://any/hello.txt", { unix = "$folder/socket" }).body)
      print(http.get("$https/hello.txt", { ca = "$ca" }).body)
      """, asking: script.permissions() + ", unix = { '$folder/socket' }, read = { '$folder' }")
    let http = script.servers.http
    #expect(
      lines == [
        "200\ttrue\thello\n\ttext/plain\tnil\t\(http)/hello.txt\t0\t6\ttrue",
        "1\ta=1, b=2\ta=1|b=2\t?a=1&a=2&b=x%20y%26", "6\t", "404\tfalse",
        "nil\tHTTP 404 from GET \(http)/missing: no such thing\tstatus\t404",
        "\(http)/echo\t1\t303", "hello\n", "hello\n",
      ])
  }

  @Test func `a request has what it is given`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      local data = fs.data
      fs.write(data .. "/part", "0123456789")
      print(http.post("$odd/echo", { body = "abc" }).body)
      print(http.request({ url = "$odd/echo", method = "patch", form = { b = "1 2", a = { true, 3 } } }).body)
      print(http.post("$http/echo", { json = { b = {}, a = json.null } }).body)
      print(http.put("$odd/echo", { json = { a = { 1.0, "x" } }, bearer = "token" }).body)
      print(http.delete("$odd/echo", { basic = { "user", "pass" }, headers = { Cookie = "c=1" } }).body)
      print(http.post("$odd/echo", { from = data .. "/part" }).body)
      local r = http.post("$odd/echo", { multipart = { { name = "a", value = 1 }, { name = "f\\"", file = data .. "/part", type = "text/plain" } } })
      print((r.body:gsub("moonwheel%-%w+", "B"):gsub("\\r\\n", "/")))
      r = assert(http.get("$http/hello.txt", { to = data .. "/got" }))
      print(r.path == data .. "/got", r.body, fs.read(r.path), r.size)
      r = assert(http.get("$http/missing", { to = data .. "/got" }))
      print(r.path, #r.body, fs.read(data .. "/got"))
      print(http.post("$odd/echo", { body = ("x"):rep(3000000) }).size)
      print(#http.options("$odd/echo").body)
      """)
    #expect(
      lines == [
        "POST|||3|abc", "PATCH|||18|a=true&a=3&b=1%202", "POST|||application/json|",
        "PUT|Bearer token||13|{\"a\":[1,\"x\"]}", "DELETE|Basic dXNlcjpwYXNz|c=1|0|",
        "POST|||10|0123456789",
        "POST|||\(lines.count > 6 ? lines[6].split(separator: "|")[1] : "")|--B/Content-Disposition: form-data; name=\"a\"//1/--B/Content-Disposition: form-data; name=\"f%22\"; filename=\"part\"/Content-Type: text/plain//0123456789/--B--/",
        "true\tnil\thello\n\t6", "nil\t20\thello\n", "3000015", "12",
      ])
  }

  @Test func `each failure has its code`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      local function code(...) return (select(3, ...)) end
      print(code(http.get("http://127.0.0.1:1/")), code(http.get("http://localhost/")))
      print(code(http.get("http://127.0.0.1:9/")))
      print(code(http.get("$https/hello.txt")), code(http.get("$https/hello.txt", { insecure = true })))
      print(code(http.get("$http/loop")), code(http.get("$http/file")), code(http.get("$http/metadata")))
      print(code(http.get("$odd/endless", { max_size = "1M" })), code(http.get("$odd/bomb")), code(http.get("$odd/head")))
      print(code(http.get("$odd/slow", { timeout = 0.3 })))
      print(code(http.get("$odd/short")), code(http.get("$odd/nothing")), code(http.get("$odd/noise")))
      print(http.get("$odd/bomb", { compressed = false }).headers["content-encoding"])
      print(code(http.get("$http/hello.txt", { to = "/root/x" })))
      """, asking: script.permissions(also: "127.0.0.1:9"))
    #expect(
      lines == [
        "denied\tdenied", "connect", "tls\tdenied", "redirects\tredirects\tdenied",
        "too_large\ttoo_large\ttoo_large", "timeout", "read\tread\tprotocol", "gzip", "denied",
      ])
  }

  @Test func `a certificate is not checked where that is permitted`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      "print(http.get('$https/hello.txt', { insecure = true }).status)",
      asking: script.permissions() + ", insecure = { '127.0.0.1:\(script.servers.secure)' }")
    #expect(lines == ["200"])
  }

  @Test func `a redirect takes nothing along that is meant for one server`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      local own = { bearer = "secret", headers = { Cookie = "c=1" }, body = "abc" }
      print(http.post("$http/307", own).body)
      print(http.post("$http/303", own).body)
      print(http.post("$http/away", own).body)
      local none, why, code = http.get("$https/down", { ca = "$ca" })
      print(why:match("redirected.*"), code)
      print(select(3, http.get("$http/other-port")))
      """, asking: script.permissions() + ", read = { '$folder' }")
    #expect(
      lines == [
        "POST|Bearer secret|c=1||", "GET|Bearer secret|c=1||", "GET|||0|",
        "redirected from https to http, which is not followed\tredirects", "denied",
      ])
  }

  @Test func `a proxy is asked where the script may reach it`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      print(http.get("http://127.0.0.1:2/x", { proxy = "$odd" }).body)
      print(select(3, http.get("http://127.0.0.1:3/x", { proxy = "$odd" })))
      print(select(3, http.get("http://127.0.0.1:2/x", { proxy = "http://127.0.0.1:3" })))
      print(select(3, http.get("http://127.0.0.1:2/x", { proxy = false })))
      """)
    #expect(lines == ["proxied http://127.0.0.1:2/x", "denied", "denied", "connect"])
  }

  @Test func `wrong arguments are told at the call`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      local function why(...) print((select(2, pcall(...)):gsub("^.-http%.", "http."))) end
      why(http.get, "$http/", { timout = 1 })
      why(http.get, "$http/", { headers = { ["X-A"] = "a\\r\\nX-B: c" } })
      why(http.get, "$http/", { headers = { ["X-A:"] = "a" } })
      why(http.get, "$http/", { headers = { Host = "b" } })
      why(http.get, "$http/", { bearer = "a\\nb" })
      why(http.post, "$http/", { body = "a", json = 1 })
      why(http.post, "$http/", { retry = 3 })
      why(http.get, "ftp://127.0.0.1/")
      why(http.request, { url = "$http/", method = "GET / HTTP/1.1\\r\\n" })
      why(http.get, "$http/", { aws = { region = "x" } })
      why(http.post, "$http/", { json = { f = print } })
      why(http.get, 7)
      """)
    #expect(
      lines == [
        "http.get: unknown option \"timout\", did you mean \"timeout\"?",
        "http.get: headers.X-A has a line break or a byte of zero, which no header can have",
        "http.get: headers: \"X-A:\" is no name of a header",
        "http.get: headers: Host is set by http itself",
        "http.get: bearer has a byte that no token can have",
        "http.post: body and json do not go together",
        "http.post: a POST is not sent twice unasked: give it a header Idempotency-Key, which the server must know, or leave retry out",
        "http.get: \"ftp://127.0.0.1/\": only http and https can be requested",
        "http.request: GET / HTTP/1.1\r\n is no method that can be sent",
        "http.get: aws.service must be a string without spaces",
        lines.count > 10 ? lines[10] : "",
        "http.get: the URL must be a string, not 7",
      ])
    #expect(lines.count > 10 && lines[10].contains("f: a function has no JSON form"))
  }

  @Test func `a request is repeated where that is asked for and harmless`() async throws {
    let script = try await WebScript()
    let lines = try await script.said(
      """
      local quick = { max = 3, from = 0.01, jitter = 0 }
      print(http.get("$odd/flaky?a", { retry = quick }).body)
      print(http.get("$odd/flaky?b").status, http.get("$odd/flaky?b", { retry = { max = 1, from = 0.01 } }).status)
      print(http.get("$odd/later", { retry = quick }).status, http.get("$odd/count?later").body)
      print(http.post("$odd/flaky?c", { retry = quick, headers = { ["Idempotency-Key"] = "k" } }).body)
      print(select(3, http.get("$odd/nothing", { retry = quick })), http.get("$odd/count?nothing").body)
      """)
    #expect(
      lines == [
        "3", "503\t200", "503\t1", "3", "read\t\(lines.last?.split(separator: "\t").last ?? "")",
      ])
  }

  @Test func `a run that ends closes its connection, and so does a host that stops`() async throws {
    let script = try await WebScript()
    let log = LogRecorder()
    let host = try await script.host(
      """
      on("slow", { name = "slow", timeout = 0.3 }, function() http.get("$odd/slow") end)
      on("hang", { name = "hang" }, function() print("begun") http.get("$odd/slow") end)
      on("closed", { name = "closed" }, function() print("closed " .. http.get("$odd/count?closed").body) end)
      """, log
    ) { $0.shutdownTimeout = .milliseconds(100) }
    try host.emit("slow")
    for _ in 0..<600 {
      try host.emit("closed")
      try await Task.sleep(for: .milliseconds(50))
      if log.said.contains(where: { $0.hasPrefix("closed ") && $0 != "closed 0" }) { break }
    }
    #expect(log.said.contains { $0.hasPrefix("closed ") && $0 != "closed 0" })
    try host.emit("hang")
    _ = try await inThread { log.wait { $0.contains { $0.message == "begun" } } }
    await host.stop()
  }

  @Test func `64 requests of a script are under way, and more wait`() async throws {
    let script = try await WebScript()
    let log = LogRecorder()
    let host = try await script.host(
      """
      local done = 0
      on("go", { name = "go", overlap = "allow", max_instances = 300 }, function()
        assert(http.get("$http/hello.txt").status == 200)
        done = done + 1
        if done == 200 then print("all") end
      end)
      """, log)
    for _ in 0..<200 { try host.emit("go") }
    let isDone = try await inThread {
      log.wait(seconds: 60) { $0.contains { $0.message == "all" } }
    }
    #expect(isDone)
    await host.stop()
  }

  @Test func `in tests nothing is reached, and answers are given`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "a.lua",
      """
      permissions { net = { "example.com" } }
      after("1s", { name = "a" }, function()
        local r = http.get("https://example.com/", { query = { a = 1 } })
        local other, why, code = http.post("https://example.com/x", { json = { 1 }, fail = true })
        return { r.status, r.headers["content-type"], r:json().a, r.ok, why, code, (select(3, http.put("https://example.com/"))) }
      end)
      """)
    try folder.write(
      "a_test.lua",
      """
      test("mocks", { from = "2026-01-01" }, function(sim)
        sim:mock("http.get", function(url, options)
          return { status = 201, body = '{"a":' .. options.query.a .. "}", headers = { ["Content-Type"] = "application/json" } }
        end)
        sim:mock("http.request", function(options)
          if options.method == "PUT" then return nil, "no", "timeout" end
          return { status = 500, body = options.url .. #options.json }
        end)
        sim:load("a.lua")
        sim:advance("2s")
        expect(sim:runs("a")[1].result):equals({ 201, "application/json", 1, true,
          "HTTP 500 from POST https://example.com/x: https://example.com/x1", "status", "timeout" })
      end)
      test("no mocks", { from = "2026-01-01" }, function(sim)
        sim:load("a.lua")
        sim:advance("2s")
        expect(sim:runs("a")[1].error):matches("attempt to index a nil value")
      end)
      """)
    let tests = try ScriptTests(
      path: folder.path("a_test.lua"), root: folder.path, configuration: Configuration())
    #expect(tests.all.map { $0.run(logger: LogRecorder().logger) } == [nil, nil])
  }
}
