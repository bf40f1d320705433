test("a report on each weekday", { from = "2026-01-02", tz = "UTC" }, function(sim) -- a Friday
  local sent = {}
  sim:mock("sh.run", function(words) return words[1] .. " <says> & more\n" end)
  sim:mock("slack.post", function(_, message)
    sent[#sent + 1] = message
    return true
  end)
  sim:load("report.lua")
  sim:advance("4d")
  expect(sent):has_length(2)
  expect(sent[2].text):equals("Good morning, this is the report of Monday")
  expect(sent[1].blocks[2].text.text):contains("uptime &lt;says&gt; &amp; more\n\ndf ")
end)

test("a report is sent even if a command fails, and again when Slack is away", { from = "2026-01-02", tz = "UTC" }, function(sim)
  local sent = 0
  sim:mock("sh.run", function() return nil, "exit 1", "exit" end)
  sim:mock("slack.post", function(_, message)
    sent = sent + 1
    if sent == 1 then return nil, "cannot connect to hooks.slack.com:443", "connect" end
    expect(message.blocks[2].text.text):contains("exit 1")
    return true
  end)
  sim:load("report.lua")
  sim:advance("1d")
  local runs = sim:runs("report")
  expect(runs[#runs].status):equals("succeeded")
  expect(runs[#runs].attempt):equals(2)
end)
