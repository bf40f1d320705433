-- The functions of moonwheel.NAME can be mocked as those of the global modules are.

test("each function of a module can be mocked", function(sim)
  local calls = {}
  for _, name in ipairs { "slack.post", "webhook.send", "s3.put", "s3.list", "docker.run" } do
    sim:mock(name, function(...)
      calls[#calls + 1] = { name, ... }
      return name
    end)
  end
  sim:load("mocked.lua", [[
    local slack, webhook, docker = require "moonwheel.slack", require "moonwheel.webhook", require "moonwheel.docker"
    local s3 = require "moonwheel.s3"
    job("all", { run = function()
      local own = s3.with { key = "k", secret = "s" }
      return {
        slack.post("url", "text"), webhook.send("url", { a = 1 }), s3.put("bucket", "key", "text"), own.put("bucket", "key", "text"),
        own.with({}).list("bucket"), docker.run { image = "x" }, slack.escape "<", #own.sign("bucket", "key") > 100,
      }
    end })]])
  sim:trigger("all")
  sim:advance("1s")
  expect(sim:runs("all")[1].result):equals {
    "slack.post", "webhook.send", "s3.put", "s3.put", "s3.list", "docker.run", "&lt;", true,
  }
  expect(calls[4]):equals { "s3.put", "bucket", "key", "text" }
end)

test("what is not mocked reaches nothing", function(sim)
  sim:load("bare.lua", [[
    permissions { secret = "URL" }
    job("all", { run = function()
      local url = secret "URL"
      return {
        select(3, require("moonwheel.slack").post(url, "x")), select(3, require("moonwheel.webhook").send(url, 1)),
        select(3, require("moonwheel.s3").get("bucket", "key", { anonymous = true })), select(3, require("moonwheel.docker").run { image = "x" }),
      }
    end })]])
  sim:trigger("all")
  sim:advance("1s")
  expect(sim:runs("all")[1].result):equals { "simulated", "simulated", "simulated", "simulated" }
end)
