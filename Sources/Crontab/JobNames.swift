/// Names for the jobs of a crontab: short, after what the command runs, and each once.
struct JobNames {
  private var taken: Set<String> = []

  /// - Parameter number: that of the line.
  mutating func name(of command: String, line number: Int) -> String {
    let base = Self.suggestion(command) ?? "line \(number)"
    var name = base
    var count = 1
    while !taken.insert(name).inserted {
      count += 1
      name = "\(base) \(count)"
    }
    return name
  }

  private static let longest = 40

  /// Names of programs that say little without the folder they are in.
  private static let vague: Set<String> = [
    "cron", "cli", "console", "index", "job", "jobs", "main", "manage", "run", "script", "start",
    "task",
    "update",
  ]
  private static let vagueFolders: Set<String> = [
    "", ".", "..", "bin", "cli", "cron", "current", "html", "htdocs", "maintenance", "public",
    "sbin", "script", "scripts", "src", "web", "www",
  ]
  private static let suffixes = [".sh", ".bash", ".php", ".py", ".pl", ".rb", ".js", ".lua"]

  /// Programs whose first word says what they do.
  private static let ofManyCommands: Set<String> = [
    "apt", "apt-get", "artisan", "aws", "borg", "bundle", "cargo", "certbot", "composer", "console",
    "dnf", "docker", "drush", "git", "kubectl", "manage", "moonwheel", "npm", "npx", "occ",
    "podman", "pvesh", "rails", "rake", "rclone", "restic", "run-parts", "service", "snap",
    "svn", "systemctl", "wp", "yarn", "zfs", "zpool",
  ]

  private static func suggestion(_ command: String) -> String? {
    guard let main = MainCommand(ShellCommands(command).commands) else { return nil }
    let base = withoutSuffix(MainCommand.base(of: main.program))
    if ["curl", "wget", "http"].contains(base), let target = target(of: main.arguments) {
      return clean("\(base) \(target)")
    }
    var words = [base]
    if vague.contains(base) {
      let folders = main.program.split(separator: "/").dropLast().map(String.init)
      if let folder = folders.last(where: { !vagueFolders.contains($0) }) {
        words.insert(folder, at: 0)
      }
    }
    if base == "run-parts", let folder = main.arguments.last {
      words.append(MainCommand.base(of: folder))
    } else if main.isScript || ofManyCommands.contains(base)
      || base != MainCommand.base(of: main.program),
      let word = main.arguments.first(where: { !$0.hasPrefix("-") && !$0.hasPrefix("/") }),
      isSubcommand(word)
    {
      words.append(word)
    }
    return clean(words.joined(separator: " "))
  }

  private static func isSubcommand(_ word: String) -> Bool {
    word.utf8.count <= 24
      && word.utf8.allSatisfy { isLetterOrDigit($0) || "_-:".utf8.contains($0) }
      && word.utf8.first.map { (97...122).contains($0) } ?? false
  }

  /// The last part of an address that says something, or its host.
  private static func target(of arguments: [String]) -> String? {
    guard let address = arguments.first(where: { $0.contains("://") }) else { return nil }
    let text = address.prefix { $0 != "?" && $0 != "#" }
    let parts = text.split(separator: "/").dropFirst().map(String.init)
    guard let host = parts.first else { return nil }
    let last = parts.count > 1 ? withoutSuffix(parts.last ?? "") : ""
    let isNumber = last.utf8.count >= 16 && last.allSatisfy { $0.isHexDigit || $0 == "-" }
    return last.isEmpty || isNumber ? String(host.prefix { $0 != ":" }) : last
  }

  private static func withoutSuffix(_ name: String) -> String {
    let suffix = suffixes.first { name.hasSuffix($0) && name.count > $0.count }
    return String(name.dropLast(suffix?.count ?? 0))
  }

  private static func clean(_ text: String) -> String? {
    let kept = text.unicodeScalars.filter { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || " ._-:@".unicodeScalars.contains(scalar)
    }
    let name = String(String.UnicodeScalarView(kept.prefix(longest)))
    return name.contains(where: { $0.isLetter || $0.isNumber }) ? name : nil
  }
}
