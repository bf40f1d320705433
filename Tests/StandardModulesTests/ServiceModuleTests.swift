import Layers
import Moonwheel
import MoonwheelTesting
import TestServices
import TestSupport
import Testing

/// The servers of these tests; each is started when it is first needed, once.
private enum Peers {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  private static func start(_ program: String, _ place: String, _ sign: Service.Sign) throws
    -> Service
  {
    try Service(
      [try TestPython.path(), "\(root)/Tests/Servers/\(program)", place], in: TemporaryFolder(),
      until: sign)
  }

  private static let receiverPort = FreePort.next()
  private static let receiver = Result {
    try start("receiver.py", "\(receiverPort)", .port(receiverPort))
  }
  private static let storagePort = FreePort.next()
  private static let storage = Result {
    try start("s3.py", "\(storagePort)", .port(storagePort))
  }
  private static let daemonFolder = Result { try TemporaryFolder() }
  private static let daemon = Result {
    let path = try daemonFolder.get().path("docker.sock")
    return try start("docker.py", path, .socket(path))
  }

  /// `127.0.0.1:20001`
  static func receiverPlace() async throws -> String {
    _ = try await inThread { try receiver.get() }
    return "127.0.0.1:\(receiverPort)"
  }

  static func storagePlace() async throws -> String {
    _ = try await inThread { try storage.get() }
    return "127.0.0.1:\(storagePort)"
  }

  static func socket() async throws -> String {
    _ = try await inThread { try daemon.get() }
    return try daemonFolder.get().path("docker.sock")
  }
}

/// The modules of `require "moonwheel.NAME"`, with servers that speak as the real ones do.
@Suite(.timeLimit(.minutes(2))) struct ServiceModuleTests {
  /// Runs the Lua in a job named `job`, and returns what it printed.
  private func said(_ body: String, asking: String) async throws -> [String] {
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.permissions = .asked
    let head = "permissions { \(asking) }\nafter(0.001, { name = 'job' }, function(run)\n"
    configuration.texts = [(name: "a.lua", source: "\(head)\(body)\nend)")]
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    // Without a thread of Swift's tasks, which the other tests need.
    let hasEnded = try await inThread {
      log.wait(seconds: 60) { $0.contains { $0.message == "end" || $0.event == "run.failed" } }
    }
    #expect(hasEnded)
    await host.stop()
    return log.lines.filter { $0.isSaid || $0.event == "run.failed" }.map(\.message)
      .filter { $0 != "end" }
  }

  // MARK: require

  @Test func `each module can be required, and is made once`() async throws {
    let names = Configuration.allStandardModules.sorted()
    let global = names.map { "print(require('moonwheel.\($0)') == \($0))" }.joined(separator: "\n")
    let host = try TestScheduler([
      "a.lua": """
      \(global)
      for _, name in ipairs { "slack", "webhook", "s3", "docker" } do
        local module = require("moonwheel." .. name)
        print(name, type(module), module == require("moonwheel." .. name), rawget(_G, name))
      end
      print(select(2, pcall(function() require "moonwheel.slak" end)))
      print(select(2, pcall(function() require "moonwheel.ftp" end)))
      """
    ])
    await host.stop()
    #expect(host.log.said.prefix(names.count).allSatisfy { $0 == "true" })
    #expect(
      host.log.said.dropFirst(names.count) == [
        "slack\ttable\ttrue\tnil", "webhook\ttable\ttrue\tnil", "s3\ttable\ttrue\tnil",
        "docker\ttable\ttrue\tnil",
        "a.lua:\(names.count + 5): moonwheel.slak is not part of this version of Moonwheel; did you mean moonwheel.slack?",
        "a.lua:\(names.count + 6): moonwheel.ftp is not part of this version of Moonwheel; there are docker, s3, slack, webhook, and the global tables, such as fs",
      ])
  }

  // MARK: slack, webhook

  @Test func `Slack gets messages, and its refusals come back`() async throws {
    let place = try await Peers.receiverPlace()
    let lines = try await said(
      """
      local slack, url = require "moonwheel.slack", "http://\(place)/slack/"
      print(slack.post(url .. "ok", "hello & <you>"))
      print(slack.post(url .. "busy", "again"))
      print(slack.post(url .. "ok", { blocks = { { type = "divider" } } }))
      print(slack.post(url .. "invalid_payload", "x"))
      print(slack.post("http://127.0.0.1:1/secretpath", "x", { tries = 1 }))
      print(slack.post("http://192.0.2.1/secretpath", "x"))
      print("end")
      """, asking: "net = { '\(place)', '127.0.0.1:1' }")
    try #require(lines.count == 6, "\(lines)")
    #expect(lines.prefix(2) == ["true", "true"])
    let refused = "nil\tslack.post: Slack refused the message: HTTP 400: "
    #expect(lines[2] == refused + "the message has no text (no_text)\tstatus")
    #expect(lines[3] == refused + "it cannot read the message (invalid_payload)\tstatus")
    #expect(lines[4].hasSuffix("\tconnect") && lines[5].hasSuffix("\tdenied"), "\(lines)")
    #expect(!lines.contains { $0.contains("secretpath") })
  }

  @Test func `a receiver that checks signatures takes what webhook sends`() async throws {
    let place = try await Peers.receiverPlace()
    let lines = try await said(
      """
      local webhook, url = require "moonwheel.webhook", "http://\(place)/hook/"
      local with = { secret = "whsec_MDEyMzQ1Njc4OQ==" }
      local sent = assert(webhook.send(url .. "one", { text = "ü\\n", list = {} }, with))
      print(sent:json().got.text == "ü\\n")
      print(webhook.send(url .. "flaky", 1, with).status)
      print(webhook.send(url .. "two", 1, { secret = "wrong" }))
      local ids = {}
      for _, one in ipairs(http.get("http://\(place)/seen"):json()) do
        if one.path == "/hook/flaky" then ids[#ids + 1] = one.headers["webhook-id"] .. one.headers["idempotency-key"] end
        if one.path == "/hook/one" then
          print(webhook.verify(with.secret, one.headers, one.body))
          print(webhook.verify("another", one.headers, one.body))
        end
      end
      print(#ids, ids[1] == ids[2], ids[1]:sub(1, #run.id) == run.id)
      print("end")
      """, asking: "net = { '\(place)' }")
    try #require(lines.count == 6, "\(lines)")
    #expect(lines.prefix(2) == ["true", "200"])
    #expect(lines[2].hasPrefix("nil\twebhook.send: HTTP 401 from http://\(place): wrong signature"))
    #expect(lines[3].hasPrefix("true\t"))
    #expect(lines[4] == "nil\twebhook.verify: the signature is wrong\tsignature")
    #expect(lines[5] == "2\ttrue\ttrue")
  }

  // MARK: s3

  /// The Lua before that of a test: a bucket of its own.
  private func bucket(_ name: String, at place: String) -> String {
    """
    local access = { region = "us-east-1", key = "AKIATEST", secret = "test/secret+key" }
    local signed = { region = "us-east-1", service = "s3", key = access.key, secret = access.secret }
    assert(http.put("http://\(place)/\(name)", { aws = signed, fail = true }))
    access.endpoint = "http://\(place)"
    local s3 = require("moonwheel.s3").with(access)

    """
  }

  @Test func `objects with odd keys are put, read, signed, listed and deleted`() async throws {
    let place = try await Peers.storagePlace()
    let lines = try await said(
      bucket("odd-keys", at: place) + """
        local keys = {
          "a b+c=d/%41/ü:@&?#[]~.txt", "a//b", "a+b", "a b", "x&y<z>", "-.tmp/'q\\"", "a\\tb", "日本語", "%2F", "a/", "=;,$!*()",
        }
        for number, key in ipairs(keys) do
          assert(s3.put("odd-keys", key, "body " .. number, { content_type = "text/plain", metadata = { Number = number } }))
          local got = assert(s3.get("odd-keys", key))
          assert(got.body == "body " .. number and got.content_type == "text/plain" and got.metadata.number == tostring(number), key)
          local facts = assert(s3.head("odd-keys", key))
          assert(facts.size == #got.body and math.abs(facts.modified - now()) < 3600 and facts.etag == got.etag, key)
          local answer = assert(http.get(s3.sign("odd-keys", key, { expires = "1m" }), { fail = true }))
          assert(answer.body == got.body, key)
        end
        local listed, by_key = assert(s3.list("odd-keys")), {}
        for _, one in ipairs(listed) do by_key[one.key] = one end
        for number, key in ipairs(keys) do
          assert(by_key[key].size == #("body " .. number) and math.abs(by_key[key].modified - now()) < 3600, key)
          assert(s3.delete("odd-keys", key))
        end
        print(#listed, #s3.list("odd-keys"), s3.delete("odd-keys", "never there"))
        print("end")
        """, asking: "net = { '\(place)' }")
    #expect(lines == ["11\t0\ttrue"])
  }

  @Test func `what S3 refuses has its code`() async throws {
    let place = try await Peers.storagePlace()
    let lines = try await said(
      bucket("refusals", at: place) + """
        print(select(3, s3.get("refusals", "none")), select(3, s3.head("refusals", "none")), (select(3, s3.list("no-such-bucket"))))
        print(s3.get("refusals", "none", { secret = "wrong" }))
        print(http.get(s3.sign("refusals", "none", { secret = "wrong" })).status)
        print((select(2, s3.get("refusals", "none"))))
        print("end")
        """, asking: "net = { '\(place)' }")
    try #require(lines.count == 4, "\(lines)")
    #expect(lines[0] == "NoSuchKey\tNoSuchKey\tNoSuchBucket")
    #expect(lines[1].contains("SignatureDoesNotMatch, HTTP 403)\tSignatureDoesNotMatch"))
    #expect(lines[2] == "403")
    #expect(lines[3].hasPrefix("s3.get: The specified key does not exist. (NoSuchKey, HTTP 404)"))
  }

  @Test func `files go to S3 and come back, and long lists come in pages`() async throws {
    let place = try await Peers.storagePlace()
    let folder = try TemporaryFolder()
    let lines = try await said(
      bucket("pages", at: place) + """
        local here = "\(folder.path)/"
        assert(fs.write(here .. "big", ("0123456789"):rep(100000)))
        assert(s3.put("pages", "big file", nil, { from = here .. "big" }))
        local got = assert(s3.get("pages", "big file", { to = here .. "back" }))
        print(got.size, got.body, got.path ~= nil, assert(fs.read(here .. "back")) == assert(fs.read(here .. "big")))
        print(select(3, s3.get("pages", "none", { to = here .. "none" })), fs.exists(here .. "none"))
        print((select(3, s3.get("pages", "big file", { max_size = 1000 }))))
        for i = 1, 7 do assert(s3.put("pages", ("dir%d/x"):format(i), "x")) end
        local all, after = {}, nil
        repeat
          local page
          page, after = assert(s3.list("pages", "dir", { limit = 3, after = after }))
          for _, one in ipairs(page) do all[#all + 1] = one.key end
        until not after
        print(table.concat(all, " "))
        local top = s3.list("pages", nil, { delimiter = "/" })
        print(#top, top[1].key, table.concat(top.prefixes, " "))
        print("end")
        """, asking: "net = { '\(place)' }, write = { '\(folder.path)' }")
    #expect(
      lines == [
        "1000000\tnil\ttrue\ttrue", "NoSuchKey\tfalse", "too_large",
        "dir1/x dir2/x dir3/x dir4/x dir5/x dir6/x dir7/x",
        "1\tbig file\tdir1/ dir2/ dir3/ dir4/ dir5/ dir6/ dir7/",
      ])
  }

  // MARK: docker

  private func containers(_ body: String) async throws -> [String] {
    let socket = try await Peers.socket()
    return try await said(
      """
      local docker, socket = require "moonwheel.docker", "\(socket)"
      local function run(options)
        options.socket = socket
        return docker.run(options)
      end
      local function state() return http.get("http://docker/state", { unix = socket }):json() end
      \(body)
      print("end")
      """, asking: "unix = { '\(socket)' }")
  }

  @Test func `a container's output and code come back, and it is removed`() async throws {
    let lines = try await containers(
      """
      local done = assert(run { image = "here", cmd = { "out=a", "err=b", "out=c" }, env = { X = "1" }, labels = { test = "one" } })
      print(done.code, done.ok, done.stdout .. done.stderr, done.truncated)
      local _, message, code, partial = run { image = "here:1", cmd = { "err=first", "err=last", "exit=3" } }
      print(message, code, partial.code, partial.stderr)
      print((select(2, run { image = "here:1", cmd = { "memory" } })))
      print(run { image = "here:1", cmd = { "flaky=3", "sleep=0.2", "out=whole" } }.stdout)
      done = run { image = "here:1", cmd = { "many=60000" }, max_output = 10000 }
      print(done.truncated, #done.stdout < 10200)
      for _, one in ipairs(state().containers) do
        if one.id == done.id or one.id == partial.id then print(one.name .. " is left") end
      end
      """)
    #expect(
      lines == [
        "0\ttrue\ta\nc\nb\n\tfalse", "docker.run: exit 3: last\texit\t3\tfirst\nlast\n",
        "docker.run: exit 137 (it needed more memory)", "whole\n", "true\ttrue",
      ])
  }

  @Test func `what the daemon refuses comes back as it says it`() async throws {
    let lines = try await containers(
      """
      print(run { image = "far:1", cmd = { "out=pulled" } }.stdout)
      print((select(2, run { image = "away:1" })))
      print((select(2, run { image = "away:1", pull = "never" })))
      print((select(2, run { image = "here:1", cmd = { "fail" } })))
      print(select(3, docker.ps { socket = "/nowhere/docker.sock" }))
      """)
    #expect(
      lines == [
        "pulled\n",
        "docker.run: away:1: manifest for away:1 not found: manifest unknown",
        "docker.run: No such image: away:1 (HTTP 404)",
        "docker.run: exec: \"fail\": executable file not found in $PATH: unknown (HTTP 400)",
        "denied",
      ])
  }

  @Test func `a container goes with its run, and others stay`() async throws {
    let lines = try await containers(
      """
      local function ours()
        local found = 0
        for _, one in ipairs(state().containers) do
          if one.spec.Image == "here:1" and one.spec.Cmd[1] == "stubborn" then found = found + 1 end
        end
        return found
      end
      local kept = assert(run { image = "here:1", name = "stays", remove = false, cmd = { "out=x" } })
      local endless = { "stubborn", "sleep=60" }
      local unnamed = after(0.01, function() run { image = "here:1", cmd = endless } end)
      local named = after(0.01, function() run { image = "here:1", name = "mine", cmd = endless } end)
      repeat sleep(0.02) until ours() == 2
      unnamed:cancel()
      named:cancel()
      repeat sleep(0.02) until ours() == 0
      print(select(3, run { image = "here:1", name = "stays" }))
      for _, one in ipairs(docker.ps { all = true, socket = socket }) do
        if one.id == kept.id then print(one.name, one.state) end
      end
      """)
    #expect(lines == ["conflict", "stays\texited"])
  }

  @Test func `a container that takes too long is stopped`() async throws {
    let lines = try await containers(
      """
      local _, message, code, partial = run { image = "here:1", cmd = { "out=begun", "sleep=60" }, timeout = "3s" }
      print(message, code, partial.stdout, partial.code)
      for _, one in ipairs(state().containers) do
        if one.id == partial.id then print("it is left") end
      end
      """)
    #expect(
      lines == ["docker.run: the container took longer than its timeout\ttimeout\tbegun\n\tnil"])
  }
}
