-- A handler can gather events: `debounce` waits until none has come for this long, `batch` is the maximum
-- number. The callback gets a list.

every("9s", { name = "keyboard" }, function()
  for letter in ("moon"):gmatch(".") do
    emit("key.pressed", letter)
    sleep("100ms")
  end
end)

on("key.pressed", { name = "search", debounce = "500ms", batch = 100 }, function(events)
  local letters = {}
  for i, event in ipairs(events) do letters[i] = event.payload end
  print("searching for " .. table.concat(letters))
end)
