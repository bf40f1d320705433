import SystemCalls

/// The host's ends of a program's streams. Used by the I/O thread alone.
final class ProgramStreams {
  /// All ends, before the program has started.
  struct Prepared: ~Copyable {
    fileprivate var inputFile: Descriptor?
    fileprivate var inputPipe: ChildPipe?
    fileprivate var outputPipe: ChildPipe?
    fileprivate var errorPipe: ChildPipe?
    fileprivate(set) var input: Int32 = -1
    fileprivate(set) var output: Int32 = -1
    fileprivate(set) var error: Int32 = -1
  }

  private var writer: PipeWriter?
  private var outputReader: PipeReader?
  private var errorReader: PipeReader?

  /// Opens what the program needs. Throws if the process has no descriptors left.
  static func prepare(_ setup: ProgramSetup) throws(ProgramStartError) -> Prepared {
    do throws(SystemCallError) {
      var prepared = Prepared()
      try prepared.openInput(setup.input)
      if case .file(let file) = setup.output {
        prepared.output = file.descriptor.number
      } else {
        let pipe = try ChildPipe(hostReads: true)
        prepared.output = pipe.child.number
        prepared.outputPipe = consume pipe
      }
      if case .file(let file) = setup.error {
        prepared.error = file.descriptor.number
      } else {
        let pipe = try ChildPipe(hostReads: true)
        prepared.error = pipe.child.number
        prepared.errorPipe = consume pipe
      }
      return prepared
    } catch {
      throw ProgramStartError(step: .process, cause: error)
    }
  }

  /// Keeps the host's ends, and closes the child's.
  init(
    _ prepared: consuming Prepared, _ setup: ProgramSetup, onEnd: @escaping (IOLoop) -> Void
  ) {
    if let pipe = prepared.inputPipe.take() {
      switch setup.input {
      case .bytes(let bytes): writer = PipeWriter(pipe.takeHost(), bytes, holds: false)
      case .held(let bytes): writer = PipeWriter(pipe.takeHost(), bytes, holds: true)
      case .empty, .file: break
      }
    }
    if let pipe = prepared.outputPipe.take() {
      outputReader = Self.reader(pipe.takeHost(), setup.output, .output, setup, onEnd)
    }
    if let pipe = prepared.errorPipe.take() {
      errorReader = Self.reader(pipe.takeHost(), setup.error, .error, setup, onEnd)
    }
  }

  private static func reader(
    _ pipe: consuming Descriptor, _ output: ProgramOutput, _ stream: ProgramStream,
    _ setup: ProgramSetup, _ onEnd: @escaping (IOLoop) -> Void
  ) -> PipeReader {
    let limit = if case .captured(let limit) = output { limit } else { 0 }
    let onLine = setup.onLine.map { onLine in { (line: String) in onLine(stream, line) } }
    return PipeReader(pipe, atMost: limit, onLine: onLine, onEnd: onEnd)
  }

  func start(_ loop: IOLoop) throws(SystemCallError) {
    try writer?.start(loop)
    try outputReader?.start(loop)
    try errorReader?.start(loop)
  }

  /// Whether somebody may still write.
  var isReading: Bool { outputReader?.isOpen == true || errorReader?.isOpen == true }

  var output: CapturedOutput { outputReader?.captured ?? CapturedOutput(atMost: 0) }
  var error: CapturedOutput { errorReader?.captured ?? CapturedOutput(atMost: 0) }

  func closeInput(_ loop: IOLoop) {
    writer?.close(loop)
    writer = nil
  }

  func close(_ loop: IOLoop) {
    closeInput(loop)
    outputReader?.close(loop)
    errorReader?.close(loop)
  }
}

extension ProgramStreams.Prepared {
  fileprivate mutating func openInput(_ wanted: ProgramInput) throws(SystemCallError) {
    switch wanted {
    case .bytes(let bytes) where bytes.isEmpty: try openInput(.empty)
    case .bytes, .held:
      let pipe = try ChildPipe(hostReads: false)
      input = pipe.child.number
      inputPipe = consume pipe
    case .file(let file): input = file.descriptor.number
    case .empty:
      let file = try Descriptor.open("/dev/null", for: .read)
      input = file.number
      inputFile = consume file
    }
  }
}
