import ModuleKit
import ScriptHost

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
        let command = try ShellCommand(call.arguments[0], options, of: call)
        return { answer in shell.run(command, options, for: call, answer) }
      }
    ]
  }

  /// `sh(...)` is `sh.run(...)`. A test may answer with a text alone, which stands for the output of a success.
  let lua = """
    local sh = ...
    local run, type, error, gsub, find, setmetatable = sh.run, type, error, string.gsub, string.find, setmetatable

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

    setmetatable(sh, {
      __metatable = false,
      __call = function(_, command, options) return answer(run(command, options)) end,
    })
    """
}
