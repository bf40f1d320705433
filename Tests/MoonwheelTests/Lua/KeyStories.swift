/// What scripts do with `kv`.
extension Story {
  static let keys = [
    Story(
      "a key has its value and a version that rises", 2,
      """
      after(1, function()
        print(kv.get('self.a'), kv.get('self.a', 'default'))
        local first = kv.set('self.a', { 1, 2 })
        print(kv.set('self.a', 'x') > first, (kv.get('self.a')), select(2, kv.get('self.a')) > first)
        print(kv.delete('self.a'), kv.delete('self.a'), (kv.get('self.a')))
        print(kv.set('self.a', 1) > first + 2)
      end)
      """, "nil default nil", "true x true", "true false nil", "true"),
    Story(
      "a condition that is not met is told by its code", 2,
      """
      after(1, function()
        local version = kv.set('self.a', 1, { absent = true })
        local code = function(...) return (select(3, ...)) end
        print(code(kv.set('self.a', 2, { absent = true })), code(kv.set('self.a', 2, { version = version + 1 })))
        print(code(kv.delete('self.a', { version = version + 1 })), code(kv.set('self.b', 1, { version = 1 })))
        print(kv.set('self.a', 2, { version = version }) > version, (kv.get('self.a')))
      end)
      """, "exists conflict", "conflict conflict", "true 2"),
    Story(
      "add counts, also with fractions", 2,
      """
      after(1, function()
        print((kv.add('self.n')), (kv.add('self.n', 2)), (kv.add('self.n', -4)), (kv.add('self.n', 0.5)))
        kv.set('self.t', 'text')
        print(kv.add('self.t', 1))
        kv.set('self.m', math.maxinteger)
        print(select(3, kv.add('self.m', 1)))
      end)
      """, "1 3 -1 -0.5", "nil self.t is a string, not a number type", "range"),
    Story(
      "update changes what it reads, and deletes with nil", 2,
      """
      after(1, function()
        local function more(old) return (old or 10) + 1 end
        print((kv.update('self.a', more)), (kv.update('self.a', more)), (kv.get('self.a')))
        print(kv.update('self.a', function() end), kv.get('self.a'))
        print(kv.update('self.a', function() end))
        print(pcall(kv.update, 'self.a', function() error('no', 0) end))
        print(pcall(kv.update, 'self.a', function() kv.get('self.a') end))
      end)
      """, "11 12 12", "nil nil nil", "nil", "false no",
      "false a.lua:8: kv.get cannot wait here: inside a comparator, a string.gsub callback, the function of kv.update or another function that C calls"
    ),
    Story(
      "update is repeated when another was faster", 4,
      """
      local calls = 0
      for i = 1, 2 do
        after(1, { name = 'j' .. i }, function()
          for _ = 1, 5 do
            kv.update('self.a', function(old) calls = calls + 1 return (old or 0) + 1 end)
          end
        end)
      end
      after(3, function() print((kv.get('self.a')), calls > 10) end)
      """, "10 true"
    ).except(on: .virtual, "each call is done at once, so nobody is faster")
      .except(on: .machine, "runs may come one after the other"),
    Story(
      "a key of the script is its own", 2,
      """
      after(1, function()
        kv.set('self.a', 1)
        kv.set('self.b', 2)
        for _, item in ipairs(kv.list('self.')) do print(item.key, item.value) end
      end)
      """, "self.a 1", "self.b 2"),
    Story(
      "a list comes in pages", 2,
      """
      after(1, function()
        for i = 1, 5 do kv.set('self.p.' .. i, i) end
        kv.set('self.q', 1)
        local after
        repeat
          local items
          items, after = kv.list('self.p.', { limit = 2, after = after })
          print(#items, items[1].key, after)
        until not after
      end)
      """, "2 self.p.1 self.p.2", "2 self.p.3 self.p.4", "1 self.p.5 nil"),
    Story(
      "a watch hears of changes and deletions, and not of what others emit", 2,
      """
      on('kv.self.rate.*', function(e)
        print(e.name, e.payload.key, e.payload.deleted, e.payload.script, e.source)
      end)
      after(0.5, function() kv.set('self.rate.a', 1) kv.set('self.other', 1) end)
      after(1, function() kv.delete('self.rate.a') print(pcall(emit, 'kv.rate.a', 1)) end)
      """, "kv.self.rate.a self.rate.a false a.lua host",
      "false a.lua:6: events \"kv.*\" are published by the host; choose another name",
      "kv.self.rate.a self.rate.a true a.lua host"
    ).except(on: .machine, "the two lines of the last second come in any order")
      .except(on: .manual, "the two lines of the last second come in any order"),
    Story(
      "a run can wait for a key, and listen to keys", 2,
      """
      after(0.5, function()
        local box <close> = listen('kv.self.x.*')
        jobs.writer:after(0.2)
        print(wait('kv.self.x.1', 5).payload.key)
        print(box:next(1).payload.version < box:next(1).payload.version)
      end)
      job('writer', { run = function() kv.add('self.x.1') kv.add('self.x.2') end })
      """, "self.x.1", "true"),
    Story(
      "a handler that sets its own key comes to an end", 4,
      """
      on('kv.self.a', function(e) kv.add('self.a') end)
      after(1, function() kv.add('self.a') end)
      after(3, function() print((kv.get('self.a'))) end)
      """, "17"),
  ]

  /// Times to the nanosecond, for which time must stand still.
  static let keyTimes = [
    Story(
      "a value is gone when its time is over", 20,
      """
      after(1, function() kv.set('self.a', 1, { ttl = '5s' }) end)
      after(5.9999, function() say((kv.get('self.a'))) end)
      after(6, function() say((kv.get('self.a')), kv.set('self.a', 2, { absent = true }) ~= nil) end)
      """, "6 1", "6 nil true"),
    Story(
      "a handler hears at once that a value is gone", 20,
      """
      after(1, function() kv.set('self.a', 1, { ttl = 5 }) kv.set('self.b', 1, { ttl = 2 }) end)
      on('kv.self.a', function(e) say(e.payload.deleted, e.payload.expired, e.payload.script) end)
      after(2, function() kv.set('self.a', 1, { ttl = 7 }) end)
      """, "1 false nil a.lua", "2 false nil a.lua", "9 true true nil"),
    Story(
      "a time that is renewed counts anew, and keep keeps it", 20,
      """
      after(1, function() kv.set('self.a', 1, { ttl = 5 }) kv.add('self.n', 1, { ttl = 5 }) end)
      after(3, function()
        kv.set('self.a', 2, { ttl = 5 }) kv.add('self.n', 1, { ttl = 50 }) kv.set('self.b', 1, { ttl = 5 })
        kv.update('self.b', function(old) return old + 1 end)
      end)
      after(7, function() say((kv.get('self.a')), (kv.get('self.n')), (kv.get('self.b'))) end)
      after(7.5, function() kv.set('self.a', 3) kv.set('self.b', 3, { ttl = 'keep' }) end)
      after(9, function() say((kv.get('self.a')), (kv.get('self.b'))) end)
      """, "7 2 nil 2", "9 3 nil"),
  ].map {
    $0.except(on: .machine, "the machine is late")
  }
}

extension Wrong {
  /// In a callback, which begins in line 2.
  static let keys = [
    ("kv.get()", "kv.get: a key must be a string, not nil"),
    ("kv.get(5)", "kv.get: a key must be a string, not 5"),
    ("kv.get('\\xff')", "kv.get: a key must be a string, not a string that is not UTF-8"),
    (
      "kv.get('a b')",
      "kv.get: \"a b\" is not a key: keys are parts with dots between, without spaces, * or |"
    ),
    ("kv.get(('x'):rep(257))", "kv.get: a key has at most 256 bytes, not 257"),
    ("kv.set('a')", "kv.set takes a value after the key; kv.delete removes a key"),
    ("kv.set('a', j)", "kv.set: the value: a job cannot leave its script; send its name"),
    ("kv.set('a', print)", "value: a function cannot leave its script"),
    ("kv.set('a', 1, 5)", "kv.set takes options as a table, not 5"),
    ("kv.set('a', 1, { tll = 1 })", "kv.set: unknown option \"tll\", did you mean \"ttl\"?"),
    ("kv.add('a', 1, { x = 1 })", "kv.add: unknown option \"x\"; it takes ttl"),
    (
      "kv.set('a', 1, { ttl = 0 })",
      "kv.set: ttl: 0 seconds is no time at all; a duration is more than zero"
    ),
    ("kv.set('a', 1, { absent = 1 })", "kv.set: absent must be true or false, not 1"),
    ("kv.set('a', 1, { version = 'x' })", "kv.set: version must be a whole number, not \"x\""),
    (
      "kv.set('a', 1, { version = 1, absent = true })",
      "kv.set: a key that is absent has no version; give one of both"
    ),
    ("kv.add('a', 'x')", "kv.add takes a number after the key, not \"x\""),
    ("kv.add('a', 1/0)", "kv.add takes a number after the key, not inf"),
    ("kv.list('a', { limit = 0 })", "kv.list: limit must be a whole number from 1 to 1000, not 0"),
    (
      "kv.update('a', 1)",
      "kv.update takes a function after the key, which gets the value and returns the new one, not a number"
    ),
    ("kv.update('a', print, { x = 1 })", "kv.update: unknown option \"x\": it takes ttl alone"),
  ].map { Wrong($0.0, $0.1) }
}
