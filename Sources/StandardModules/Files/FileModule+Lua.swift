extension FileModule {
  /// What Lua puts over the functions: `fs.data`, and the iterator of `fs.lines`. A test may mock `fs.lines` with a
  /// function that returns a text, or a list of lines.
  static let face = """
    local fs = ...
    local error, setmetatable, type, gmatch, sub = error, setmetatable, type, string.gmatch, string.sub
    local open, more, close = fs.lines, fs._more, fs._close
    fs.data = fs._data()
    fs._data, fs._more, fs._close = nil, nil, nil

    local function split(text)
      local lines = {}
      if text ~= "" and sub(text, -1) ~= "\\n" then text = text .. "\\n" end
      for line in gmatch(text, "([^\\n]*)\\n") do lines[#lines + 1] = line end
      return lines
    end

    function fs.lines(path)
      local file, why, code = open(path)
      if file == nil then return nil, why, code end
      local lines, index = {}, 0
      if type(file) == "string" then file, lines = nil, split(file)
      elseif type(file) == "table" then file, lines = nil, file end
      local function finish()
        if file then close(file) end
        file = nil
      end
      return function()
        index = index + 1
        if lines[index] == nil and file then
          local problem
          lines, problem = more(file)
          index = 1
          if not lines then
            finish()
            lines = {}
            if problem then error(path .. ": " .. problem, 2) end
          end
        end
        return lines[index]
      end, nil, nil, setmetatable({}, { __close = finish })
    end
    """
}
