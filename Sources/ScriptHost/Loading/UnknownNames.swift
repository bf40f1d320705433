import LuaRuntime
import LuaSyntax
import MoonwheelModel
import Triggers

/// Finds the globals that a script and its modules read although nothing sets them, in callbacks too, which a load does
/// not run. A name is known if it is set after the load, assigned anywhere, or looked for by a test such as `if x`.
struct UnknownNames {
  /// The tables whose fields are all there from the start.
  private static let libraries: Set<String> = [
    "coroutine", "debug", "hash", "io", "json", "log", "math", "os", "package", "scheduler",
    "string", "table", "utf8",
  ]
  /// The tables, beside the globals, that refuse fields which other hosts have. Scripts cannot change how.
  private static let refusing: Set<String> = ["os", "io"]
  /// How many modules are read that the script has not required yet.
  private static let moduleLimit = 100
  /// How many warnings may name a similar name, and how many names are compared for each at most: a comparison takes some
  /// microseconds.
  private static let hintLimit = 20
  private static let comparedLimit = 1_000

  private let isolate: Isolate
  /// The uses of each text, with the name of the text in messages.
  private var texts: [(name: String, uses: GlobalUses)] = []
  private var globals: Set<String>
  private var fields: [String: Set<String>] = [:]
  private var assigned: Set<GlobalUses.Name> = []
  private var tested: Set<GlobalUses.Name> = []

  /// One message per line, which begins with its position, as in `a.lua:12: `. Call it at the end of a load, while
  /// nothing runs in the isolate. Empty in a simulation, which shows no warnings, and for a version that has been looked
  /// at already.
  static func warnings(of script: ScriptIsolate) -> [String] {
    guard let isolate = script.isolate, script.loading?.done != nil, script.privateRun == nil,
      !script.environment.isSimulated
    else { return [] }
    var names = UnknownNames(isolate)
    names.add(script.source.name, script.source.text)
    names.add(script.modules)
    names.open(script.environment.functions.modules)
    return names.unusedTriggers(madeAt: script.loading?.triggers ?? []) + names.warnings()
  }

  private init(_ isolate: Isolate) {
    self.isolate = isolate
    globals = isolate.keys()
    for library in Self.libraries { fields[library] = isolate.keys(of: library) }
  }

  private mutating func add(_ name: String, _ text: [UInt8]) {
    let uses = GlobalUses.read(text)
    texts.append((name, uses))
    assigned.formUnion(uses.assigned)
    tested.formUnion(uses.tested)
    for read in uses.reads where read.isTest { tested.insert(read.name) }
  }

  /// Adds the modules that the script has required, and those that its callbacks will require.
  private mutating func add(_ modules: ModuleFinder) {
    var finder = modules.withoutObserver
    var open = Set(modules.byName.keys).union(texts.flatMap(\.uses.required))
    var done: Set<String> = []
    while let name = open.popFirst(), done.count < Self.moduleLimit {
      guard done.insert(name).inserted, !name.hasPrefix("moonwheel.") else { continue }
      let module: StoredSources.Module
      do throws(Mistake) {
        module = try finder.find(name, again: true)
      } catch {
        continue  // the call of require says so
      }
      add(String(module.chunk.dropFirst()), module.text)
      open.formUnion(texts.last?.uses.required ?? [])
    }
  }

  /// Learns the words of the modules that the texts name: their tables are made when they are read first.
  private mutating func open(_ modules: Set<String>) {
    let read = Set(texts.flatMap(\.uses.reads).map(\.name.global))
    for module in modules.intersection(read) where isolate.errorOfReading(module) == nil {
      globals.insert(module)
      fields[module] = isolate.keys(of: module)
    }
  }

  private func warnings() -> [String] {
    guard !globals.isEmpty, !texts.contains(where: \.uses.isOpen) else { return [] }
    var list = WarningList()
    let set = globals.union(assigned.lazy.filter { $0.field == nil }.map(\.global))
    for text in texts {
      let names = set.union(text.uses.locals.keys)
      let known = names.count <= Self.comparedLimit ? names.sorted() : []
      for read in text.uses.reads where !list.isFull {
        let position = "\(text.name):\(read.line)"
        let hints = list.messages.count < Self.hintLimit ? known : []
        guard !list.has(position), let problem = problem(with: read, in: text.uses, hints) else {
          continue
        }
        _ = list.add(problem, at: position)
      }
    }
    return list.messages
  }

  private static let triggerWords: Set<String> = [
    "after", "at", "between", "cron", "dates", "every", "on",
  ]

  /// The statements that have made a trigger without a function: nothing can get it.
  private func unusedTriggers(madeAt positions: Set<String>) -> [String] {
    guard !positions.isEmpty else { return [] }
    var list = WarningList()
    for text in texts {
      for call in text.uses.statements where Self.triggerWords.contains(call.name.global) {
        let position = "\(text.name):\(call.line)"
        let word = call.name.global
        guard positions.contains("\(position) \(word)") else { continue }
        _ = list.add(
          "nothing uses this trigger: give \(word) a function as its last argument", at: position)
      }
    }
    return list.messages
  }

  private func problem(
    with read: GlobalUses.Read, in uses: GlobalUses, _ known: [String]
  ) -> String? {
    let name = read.name
    let base = GlobalUses.Name(name.global)
    guard !assigned.contains(base) else { return nil }
    if globals.contains(name.global) {
      guard let field = name.field else { return nil }
      return problem(withField: field, of: name.global, isTest: read.isTest)
    }
    if let error = isolate.errorOfReading(name.global) { return error }
    guard !tested.contains(base) else { return nil }
    if let line = uses.locals[name.global] {
      return
        "nothing sets the global \"\(name.global)\": the local of this name (line \(line)) is not visible here"
    }
    return "nothing sets the global \"\(name.global)\"" + Self.hint(name.global, known)
  }

  private func problem(withField field: String, of table: String, isTest: Bool) -> String? {
    let name = GlobalUses.Name(table, field)
    guard let fields = fields[table], !fields.isEmpty, !fields.contains(field),
      !assigned.contains(name)
    else { return nil }
    if Self.refusing.contains(table), let error = isolate.errorOfReading(field, of: table) {
      return error
    }
    guard !isTest, !tested.contains(name) else { return nil }
    let hints = fields.count <= Self.comparedLimit ? fields.sorted() : []
    return "there is no \(table).\(field)" + Self.hint(field, hints)
  }

  private static func hint(_ word: String, _ known: [String]) -> String {
    Spelling.nearest(to: word, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
  }
}
