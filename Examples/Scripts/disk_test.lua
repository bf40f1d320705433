local head = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"

-- Plays a disk with a use of its own in each run. Returns what was sent.
local function watched(sim, percents, problems)
  local sent, count = {}, 0
  sim:mock("sh.run", function()
    count = count + 1
    return ("%s/dev/sda1 1000 %d 1 %d%% /\n/dev/sdb1 1000 5 1 5%% /srv/my data\n"):format(head, count, percents[count] or percents[#percents])
  end)
  sim:mock("slack.post", function(_, text)
    sent[#sent + 1] = text
    if problems and problems[#sent] then return nil, problems[#sent], "status" end
    return true
  end)
  sim:load("disk.lua")
  return sent
end

test("one message when it is full, and one when it has room", function(sim)
  local sent = watched(sim, { 50, 89, 90, 95, 89, 91, 85, 81, 80, 85, 92 })
  sim:advance("55m")
  expect(sent):equals { ":rotating_light: / is 90 % full", ":white_check_mark: / has room again: 80 % full", ":rotating_light: / is 92 % full" }
end)

test("it is remembered over an outage", function(sim)
  local sent = watched(sim, { 95 })
  sim:advance("12m")
  sim:outage("1h")
  sim:advance("1h")
  expect(sent):has_length(1)
end)

test("a message that did not arrive is sent by the next run", function(sim)
  local sent = watched(sim, { 95 }, { "no_service" })
  sim:advance("12m")
  expect(sent):has_length(2)
  expect(sim:runs("disk")[1].error):contains("no_service")
  expect(sim:runs("disk")[2].status):equals("succeeded")
end)
