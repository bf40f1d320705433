import LuaRuntime
import MoonwheelModel
import Testing

/// Texts of values show no address, and identify an object as an address does.
@Suite struct AddressTests {
  private static let objects =
    "{ {}, print, string.rep, function() end, coroutine.create(print), coroutine.wrap(print), cancel, setmetatable({}, { __name = 'Thing' }) }"

  /// The numbers in the texts of a list of objects, each by three ways.
  private static let numbers = """
    local objects, numbers = \(objects), {}
    for i, object in ipairs(objects) do
      local text = tostring(object)
      numbers[i] = { text:match("0x(%x+)$") or text, string.format("%s", object):match("0x(%x+)$") or text,
        string.format("%p", object):match("0x(%x+)$") }
    end

    """

  @Test func `tostring and format give an object one number, and no two the same`() throws {
    let value = try Bench().run(
      Self.numbers + """
        local seen, all = {}, {}
        for i, three in ipairs(numbers) do
          assert(objects[i] == cancel or three[1] == three[2] and three[2] == three[3])
          assert(not seen[three[3]])
          seen[three[3]] = true
          assert(string.format("%p", objects[i]) == "0x" .. three[3])
          assert(#three[3] == 16 or #three[3] == 8)
        end
        for i = 1, 20000 do
          local t = {}
          all[i] = t
          local text = tostring(t)
          assert(not seen[text])
          seen[text] = t
        end
        for i = 1, 20000 do assert(seen[tostring(all[i])] == all[i]) end
        return #numbers
        """)
    #expect(value == 8)
  }

  @Test func `numbers do not tell how far objects are from each other`() throws {
    // Tables that are made one after the other lie at most some kilobytes apart.
    let value = try Bench().run(
      """
      local near, last = 0, 0
      for i = 1, 1000 do
        local number = tonumber(string.format("%p", {}):sub(3), 16)
        if math.abs(number - last) < 1 << 32 then near = near + 1 end
        last = number
      end
      return near
      """)
    #expect(value == 0)
  }

  @Test func `no number is the address of the object, nor of code`() throws {
    // The addresses of this process, from its map of memory.
    let value = try Bench().run(Self.numbers + " return table.concat(numbers[3], ' ')")
    for number in try #require(value.text).split(separator: " ") {
      let address = try #require(UInt64(number, radix: 16))
      #expect(address >> 47 != 0 || address < 1 << 16, "\(number)")
    }
  }

  @Test(arguments: [
    ("tostring(setmetatable({}, { __tostring = function() return 'mine' end }))", "mine"),
    (
      "('%s|%5s|%-5s|'):format(setmetatable({}, { __tostring = function() return 'x' end }), 1, 'a')",
      "x|    1|a    |"
    ),
    ("(tostring(setmetatable({}, { __name = 'Thing' })):gsub('%x+$', ''))", "Thing: 0x"),
    ("(('%s %d %p'):format({}, 5, nil):gsub('0x%x+', 'N'))", "table: N 5 (null)"),
    ("(('%30p|'):format({}):gsub('%x+|', '|'):gsub('^ +', ' '))", " 0x|"),
    ("tostring(nil) .. tostring(1.5) .. tostring(true) .. tostring('s')", "nil1.5trues"),
    ("('100%% %s'):format('x')", "100% x"),
    ("#('%p'):format('some text') > 4", "true"),
    ("('%p'):format('some text') == ('%p'):format('some text')", "true"),
  ])
  func `other texts are as before`(expression: String, text: String) throws {
    #expect(try Bench().run("return tostring(\(expression))") == .string(text))
  }

  @Test(arguments: [
    ("('%d'):format({})", "bad argument #1 to 'format' (number expected, got table)"),
    ("('%s %d'):format({}, {})", "bad argument #2 to 'format' (number expected, got table)"),
    ("('%s %s'):format({})", "bad argument #2 to 'format' (no value)"),
    ("string.format()", "bad argument #1 to 'format' (string expected, got no value)"),
    ("tostring()", "bad argument #1 to 'tostring' (value expected)"),
    (
      "tostring(setmetatable({}, { __tostring = function() return {} end }))",
      "'__tostring' must return a string"
    ),
    ("('%y'):format(1)", "invalid conversion '%y' to 'format'"),
  ])
  func `errors name the function as before`(expression: String, message: String) throws {
    #expect(failure { try Bench().run("return \(expression)") }.hasSuffix(message))
  }

  @Test func `the interrupt shows no address`() throws {
    let bench = try Bench()
    let outcome = try bench.load(
      """
      local c <close> = setmetatable({}, { __close = function(_, e) take(tostring(e), ('%p'):format(e)) end })
      sleep(1)
      """)
    guard case .parked(let coroutine, _) = outcome else {
      Issue.record("it does not wait")
      return
    }
    _ = bench.isolate.interrupt(coroutine)
    let texts = try #require(bench.taken.first).compactMap(\.text)
    #expect(
      texts.count == 2
        && texts.allSatisfy { $0.wholeMatch(of: /(userdata: )?0x([0-9a-f]{8}){1,2}/) != nil })
  }
}
