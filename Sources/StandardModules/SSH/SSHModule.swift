import ModuleKit
import ScriptHost
import SystemCalls
import SystemIO

/// `ssh`: commands on other machines, and files to and from them, by the system's own `ssh` and `sftp`, with their settings,
/// keys and known hosts.
///
/// Both run with all rights of the host: they need its keys, and what its settings name. A script decides nothing about them
/// but the host, the user, the port, and the command that the far machine runs.
struct SSHModule: ScriptModule {
  let name = "ssh"
  let shell: Shell
  /// The file of settings in place of `~/.ssh/config`.
  let config: String?

  private static let large = ModuleFunction.Traits(takesLargeArguments: true)

  var functions: [ModuleFunction] {
    [
      .answering("run", ["host", "command", "options"], Self.large) { call in
        let options = try SSHOptions(call.arguments[1], call.arguments[2])
        let host = try Self.host(call, options)
        let command = try SSHCommand(call.arguments[1], options, host, config, of: call, in: shell)
        return { answer in shell.run(command, for: call, answer) }
      },
      .answering("put", ["host", "from", "to", "options"]) { call in
        try transfer(call, .put)
      },
      .answering("get", ["host", "from", "to", "options"]) { call in
        try transfer(call, .get)
      },
    ]
  }

  private static func host(_ call: FunctionCall, _ options: SSHOptions) throws -> SSHHost {
    guard let text = call.arguments[0].text else {
      throw SSHMistake("the host must be a string, not \(call.arguments[0].described)")
    }
    let host = try SSHHost(text, user: options.user, port: options.port)
    try host.require(call)
    return host
  }

  private func transfer(
    _ call: FunctionCall, _ direction: SSHTransfer.Direction
  ) throws -> ModuleFunction.Work {
    let options = try SSHOptions(.nil, call.arguments[3], isTransfer: true)
    let host = try Self.host(call, options)
    let transfer = try SSHTransfer(direction, options, host, config, of: call, in: shell)
    return { answer in shell.run(transfer, for: call, answer) }
  }

  let lua = """
    local ssh = ...
    local run, type, setmetatable = ssh.run, type, setmetatable

    local function answer(result, ...)
      if type(result) ~= "string" then return result, ... end
      return { code = 0, ok = true, stdout = result, stderr = "", truncated = false, duration = 0 }
    end

    function ssh.run(host, command, options) return answer(run(host, command, options)) end

    setmetatable(ssh, {
      __metatable = false,
      __call = function(_, host, command, options) return answer(run(host, command, options)) end,
    })
    """
}
