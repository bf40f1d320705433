-- Each check of `expect`, met and not met.

local function fails(check) expect(check):raises("^expect_test.lua:%d+: expected\n") end

test("equals compares by content, through cycles", function()
  local a, b = { 1, { x = "y" } }, { 1, { x = "y" } }
  a.own, b.own = a, b
  expect(a):equals(b)
  expect(1):equals(1.0)
  expect(0 / 0):equals(0 / 0)
  expect(a).never:is(b)
  expect(a):is(a)
  fails(function() expect(1):equals("1") end)
  fails(function() expect(a).never:equals(b) end)
  expect(function() expect({ a = { 1, 2 } }):equals { a = { 1, 3 } } end):raises("differ at %.a%[2%]: 2 is not 3")
end)

test("nil and booleans are values too", function()
  expect(nil):is_nil()
  expect(false):is_false()
  expect(true):is_true()
  expect(nil).never:equals(false)
  expect(nil).never:at_least(1)
  fails(function() expect(nil):is_false() end)
  fails(function() expect(false):is_nil() end)
  fails(function() expect(1):is_true() end)
  expect(function() expect() end):raises("takes the value")
end)

test("texts match, and contain", function()
  expect("order 42"):matches("%d+$")
  expect("a.b"):contains(".")
  expect("ab").never:contains(".")
  expect(42).never:matches("42")
  fails(function() expect("a"):matches("b") end)
  fails(function() expect("a"):contains("b") end)
end)

test("lists contain what equals an item, and have a length", function()
  expect({ { id = 1 }, { id = 2 } }):contains { id = 2 }
  expect({ 1, 2 }):has_length(2)
  expect("four"):has_length(4)
  fails(function() expect({ { id = 1 } }):contains { id = 2 } end)
  fails(function() expect({}):has_length(1) end)
  fails(function() expect(3):has_length(1) end)
end)

test("numbers are near, at least and at most", function()
  expect(0.1 + 0.2):near(0.3)
  expect(10):near(12, 2)
  expect(3):at_least(3)
  expect(3):at_most(3)
  fails(function() expect(10):near(12, 1.9) end)
  fails(function() expect(2):at_least(3) end)
  fails(function() expect(4):at_most(3) end)
end)

test("errors are raised, texts and tables", function()
  expect(function() error("no such town") end):raises("such")
  expect(function() error { message = "busy", code = 503 } end):raises("^busy$")
  expect(function() end).never:raises()
  fails(function() expect(function() end):raises() end)
  fails(function() expect(function() error("a") end):raises("b") end)
end)
