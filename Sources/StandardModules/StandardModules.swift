import ModuleKit
import ScriptHost
import SystemIO

/// The modules that all scripts have: in a host, a simulation, `check` and tests alike.
package enum StandardModules {
  /// Gives the scripts of a host the modules that its configuration does not leave out.
  package static func add(to environment: ScriptEnvironment) throws(RegistrationError) {
    for module in try modules(of: environment)
    where environment.configuration.standardModules.contains(module.name) {
      environment.functions.add(
        try HostModule(module), isSimulated: environment.isSimulated)
    }
  }

  private static func files(of environment: ScriptEnvironment) -> FileService {
    let configuration = environment.configuration
    let kept = configuration.filesFolder ?? environment.store.path.map { $0 + ".files" }
    let host = HostPaths(
      configuration, store: environment.store.path, files: kept ?? ScriptFolders.shared)
    guard environment.isSimulated else {
      let files = FileService(host, keptIn: kept)
      environment.functions.add(
        HostLife(
          onStart: { files.start() }, onStop: { files.stop(until: $0) },
          onRename: { files.folders.rename($0, to: $1) }))
      return files
    }
    let clock = environment.clock
    return configuration.selection.scratch.value(FileService.self) {
      FileService(
        backend: OverlayFiles(host) { clock.read().wall.nanoseconds },
        folders: ScriptFolders(virtual: "/moonwheel"), pool: nil)
    }
  }

  /// Stopped after the modules that work on it.
  private static func io(of environment: ScriptEnvironment) -> HostIO {
    let io = HostIO()
    environment.functions.add(
      HostLife(onStart: {}, onStop: { io.stop(until: $0) }, onRename: { _, _ in }))
    return io
  }

  private static func shell(of environment: ScriptEnvironment, on io: HostIO) -> Shell {
    let (log, adopts) = (environment.log, environment.configuration.selection.adoptsOrphans)
    let tell: @Sendable (MarkedProcess) -> Void = { log.leftBehind($0.command, run: $0.mark) }
    return Shell(on: io.thread, adopting: adopts ? tell : nil, environment.secrets)
  }

  /// One line a module. `Configuration.allStandardModules` and `standard` in the prelude have their names, too.
  ///
  /// The environment holds its modules, so that they must not hold it: what they need of it, such as the clock, they
  /// take out of it, or hold it `unowned`.
  private static func modules(
    of environment: ScriptEnvironment
  ) throws(RegistrationError) -> [any ScriptModule] {
    let io = io(of: environment)
    let files = files(of: environment)
    return [
      FileModule(files), KeyModule(), SecretModule(of: environment),
      ShellModule(shell(of: environment, on: io)), HTTPModule(HTTPClient(io, files)),
      MailModule(try Mailer(environment, io, files)),
    ]
  }
}
