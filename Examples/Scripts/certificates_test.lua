test("three warnings of a certificate, and none of a renewed one", { from = "2026-05-01", tz = "UTC" }, function(sim)
  local sent, expires = {}, "May 31 12:00:00 2026"
  sim:mock("sh.run", function(command)
    if command:find("example.org", 1, true) then return nil, "exit 1: connect: no route to host", "exit" end
    return "notAfter=" .. expires .. " GMT\n"
  end)
  sim:mock("slack.post", function(_, text)
    sent[#sent + 1] = date(sim:now(), "%F") .. ": " .. text
    return true
  end)
  sim:load("certificates.lua")
  sim:advance("31d")
  expect(sent):equals {
    "2026-05-11: The certificate of example.com expires in 20 days", "2026-05-25: The certificate of example.com expires in 6 days",
    "2026-05-31: The certificate of example.com expires in 0 days",
  }
  expires = "Aug 29 12:00:00 2026"
  sim:advance("30d")
  expect(sent):has_length(3)
  expect(sim:log("certificates")[1].message):contains("no route to host")
end)
