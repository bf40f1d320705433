extension LoadInProgress {
  /// Notes that a script makes the trigger value that is the call's argument.
  static func noteTrigger(_ call: HostCall) {
    let isolate = call.isolate
    guard let load = isolate.loading, load.done != nil, !isolate.environment.isSimulated,
      load.triggers.count < triggerLimit, case .table(let parts) = call[0],
      let word = parts["word"]?.text, let position = isolate.caller()?.position
    else { return }
    isolate.loading?.triggers.insert("\(position) \(word)")
  }
}
