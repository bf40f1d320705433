import ModuleKit
import ScriptHost
import SystemIO

/// The modules that all scripts have: in a host, a simulation, `check` and tests alike.
package enum StandardModules {
  /// Gives the scripts of a host the modules that its configuration does not leave out.
  package static func add(to environment: ScriptEnvironment) throws(RegistrationError) {
    for module in modules(of: environment)
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

  private static func shell(
    of environment: ScriptEnvironment, on io: HostIO, _ files: FileService
  ) -> Shell {
    let (log, selection) = (environment.log, environment.configuration.selection)
    var traits = Shell.Traits(store: environment.isSimulated ? nil : environment.store.path)
    if selection.adoptsOrphans {
      traits.onOrphan = { log.leftBehind($0.command, run: $0.mark) }
    }
    traits.onUnconfined = { log.cannotConfine() }
    if selection.cannotConfine { traits.confines = false }
    let shell = Shell(on: io.thread, traits, files, environment.secrets)
    environment.functions.add(
      HostLife(
        onStart: { [weak shell] in
          shell?.endLeftovers { log.leftByKilledHost($0.command, run: $0.mark) }
        }, onStop: { _ in shell.stop() }, onRename: { _, _ in }))
    // Added after the programs, so that it stops before what they have left is looked for.
    environment.functions.add(
      HostLife(onStart: {}, onStop: { io.stop(until: $0) }, onRename: { _, _ in }))
    return shell
  }

  private static func addPings(to environment: ScriptEnvironment, on io: HostIO) {
    let pings = Pings(io) { [unowned environment] request, reason, count in
      environment.pingFailed(request, reason: reason, count: count)
    }
    environment.functions.add(pings)
    environment.functions.add(
      HostLife(onStart: {}, onStop: { pings.stop(until: $0) }, onRename: { _, _ in }))
  }

  /// One line a module. `Configuration.allStandardModules` and `standard` in the prelude have their names, too.
  ///
  /// The environment holds its modules, so that they must not hold it: what they need of it, such as the clock, they
  /// take out of it, or hold it `unowned`.
  private static func modules(of environment: ScriptEnvironment) -> [any ScriptModule] {
    let (io, files) = (HostIO(), files(of: environment))
    let shell = shell(of: environment, on: io, files)
    if !environment.isSimulated { addPings(to: environment, on: io) }
    let ssh = SSHModule(shell: shell, config: environment.configuration.sshConfig)
    return [
      FileModule(files), KeyModule(), SecretModule(of: environment), ShellModule(shell), ssh,
      HTTPModule(HTTPClient(io, files)),
    ]
  }
}
