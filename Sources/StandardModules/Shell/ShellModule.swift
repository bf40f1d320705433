import ModuleKit
import ScriptHost
import SystemCalls
import SystemIO

/// `sh`: programs that a script runs, held to the files and ports that the script may use itself.
///
/// In a simulation, and in tests, nothing is run: a test gives the answers by `sim:mock("sh.run", ...)`.
struct ShellModule: ScriptModule {
  let name = "sh"
  let shell: Shell

  init(_ shell: Shell) { self.shell = shell }

  var functions: [ModuleFunction] {
    [
      .answering(
        "run", ["command", "options"], ModuleFunction.Traits(takesLargeArguments: true)
      ) { [shell] call in
        let options = try ShellOptions(call.arguments[0], call.arguments[1])
        let command = try ShellCommand(call.arguments[0], options, of: call, in: shell)
        return { answer in shell.run(command, options, for: call, answer) }
      }
    ]
  }

  /// `sh(...)` is `sh.run(...)`. A test may answer with a text alone, which stands for the output of a success.
  let lua = """
    local sh = ...
    local run, type, error, gsub, find, setmetatable = sh.run, type, error, string.gsub, string.find, setmetatable
    local gmatch, pairs, json = string.gmatch, pairs, require("moonwheel.json")

    local function answer(result, ...)
      if type(result) ~= "string" then return result, ... end
      return { code = 0, ok = true, stdout = result, stderr = "", truncated = false, duration = 0 }
    end

    function sh.run(command, options) return answer(run(command, options)) end

    function sh.quote(text)
      if type(text) ~= "string" then error("sh.quote takes a string, not a " .. type(text), 2) end
      if find(text, "\\0", 1, true) then error("no argument can contain a byte of zero", 2) end
      return "'" .. gsub(text, "'", "'\\\\''") .. "'"
    end

    function sh.python(code, value, options)
      if type(code) ~= "string" then error("sh.python takes a text of Python, not a " .. type(code), 2) end
      local given = { python = "python3" }
      for name, option in pairs(options or {}) do given[name] = option end
      if given.stdin ~= nil or given.to ~= nil then
        error("sh.python gives the value by stdin, and reads its result from stdout", 2)
      end
      local python = given.python
      given.python, given.stdin = nil, value == nil and "null" or json.encode(value)
      local result, message, why, partial = answer(run({ python, "-c", code }, given))
      if not result then return nil, message, why, partial end
      local last
      for line in gmatch(result.stdout, "[^\\r\\n]+") do
        if find(line, "%S") then last = line end
      end
      if not last then return nil, "it has printed no line of JSON", "json", result end
      local read, problem = json.decode(last)
      if read == nil then return nil, "its last line is no JSON: " .. problem, "json", result end
      return read, result
    end

    setmetatable(sh, {
      __metatable = false,
      __call = function(_, command, options) return answer(run(command, options)) end,
    })
    """
}

extension Shell {
  /// Runs the program of a script to its end.
  fileprivate func run(
    _ command: ShellCommand, _ options: ShellOptions, for call: FunctionCall, _ answer: CallAnswer
  ) {
    guard !command.places.isEmpty, let disk = files.disk else {
      return start(command, options, setup(options, call.lines), nil, for: call, answer)
    }
    files.open(command.places, for: call, answer) { [self] () throws(FileFailure) in
      var setup = setup(options, call.lines)
      if let place = command.input {
        setup.input = .file(OpenFile(try disk.openFile(place)))
      }
      let output = try command.output.map { (place) throws(FileFailure) in try disk.begin(place) }
      if let output { setup.output = .file(OpenFile(try output.descriptor())) }
      start(command, options, setup, output, for: call, answer)
    }
  }

  private func start(
    _ command: ShellCommand, _ options: ShellOptions, _ setup: ProgramSetup,
    _ output: PendingFile?, for call: FunctionCall, _ answer: CallAnswer
  ) {
    start(command.program, setup, titled: command.title, for: call, answer) { [self] end in
      let result = ShellResult(end, of: command, options)
      guard let output, let place = command.output, result.failure == nil else {
        output?.discard()
        return result.give(to: answer)
      }
      finish(output, at: place, for: call, answer, failed: result.value) {
        result.give(to: answer, with: $0)
      }
    }
  }

  /// Gives a file that a program has written its name, and then the answer, with the fields that tell of the file.
  func finish(
    _ output: PendingFile, at place: FilePlace, for call: FunctionCall, _ answer: CallAnswer,
    failed value: Value, _ give: @escaping @Sendable ([Value: Value]) -> Void
  ) {
    let isTaken = files.inBackground {
      do throws(FileFailure) {
        guard answer.isWanted else { throw .unwanted }
        let size = try output.finish()
        give(["path": .string(place.shown), "size": .integer(size)])
      } catch {
        output.discard()
        answer.fail(error.refusal(of: place.shown, call), value)
      }
    }
    guard !isTaken else { return }
    output.discard()
    answer.fail(Refusal("\(place.shown): too much waits to be written", code: "busy"))
  }

  private func setup(_ options: ShellOptions, _ lines: RunLines?) -> ProgramSetup {
    var setup = ProgramSetup()
    if case .bytes(let bytes) = options.input { setup.input = .bytes(bytes) }
    setup.output = .captured(atMost: options.maxOutput)
    setup.error = .captured(atMost: options.maxOutput)
    setup.timeout = options.timeout
    setup.killAfter = options.killAfter
    setup.leavesRest = options.detaches
    if options.logs, let lines {
      setup.onLine = { stream, line in lines.add(line, isWarning: stream == .error) }
    }
    return setup
  }
}
