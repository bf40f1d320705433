import SystemCalls

/// The systemd unit that runs the scripts in one folder.
///
/// It runs as the user who makes it, with the store in the folder, as `moonwheel run` in a terminal does. A unit that
/// root makes runs as a user of its own, with the store in `/var/lib`.
struct ServiceUnit {
  let text: String
  /// `moonwheel-jobs.service`
  let fileName: String

  /// Nil for a path that systemd cannot name.
  ///
  /// - Parameters:
  ///   - folder: the absolute path of the folder.
  ///   - program: the absolute path of the program.
  init?(
    folder: String, program: String = ProcessArguments.programFile ?? "/usr/bin/moonwheel",
    user: String? = Accounts.isRoot ? nil : Accounts.currentUser
  ) {
    guard let folderWord = Self.word(folder), let programWord = Self.word(program) else {
      return nil
    }
    let name = "moonwheel-" + Self.unitName(of: folder)
    fileName = name + ".service"
    let places = [folder, program].map { $0 + "/" }
    func anyIs(below folders: [String]) -> Bool {
      places.contains { place in folders.contains { place.hasPrefix($0) } }
    }
    let values = [
      "SHOWN_FOLDER": folder, "DESCRIPTION": Self.escaped(folder),
      "LINK": ShellWord.quoted(folder + "/" + fileName), "NAME": name, "PROGRAM": programWord,
      // A dollar begins a variable in arguments, and only there.
      "ARGUMENT": String(folderWord.flatMap { $0 == "$" ? "$$" : String($0) }),
      "ACCOUNT": Self.account(user, name, folderWord),
      "PRIVATE_TMP": anyIs(below: ["/tmp/", "/var/tmp/"]) ? "no" : "yes",
      "PROTECT_HOME": anyIs(below: ["/home/", "/root/", "/run/user/"]) ? "read-only" : "yes",
    ]
    text = Self.fill(String(decoding: PackageResources.unit_service, as: UTF8.self), values)
  }

  private static func account(_ user: String?, _ name: String, _ folder: String) -> String {
    guard let user else {
      return """
        # A user of its own, who must be able to read the scripts.
        DynamicUser=yes
        StateDirectory=\(name)
        StateDirectoryMode=0700
        Environment=MOONWHEEL_STORE=/var/lib/\(name)/store.db
        """
    }
    return "User=\(user)\n# For the store, .moonwheel/store.db.\nReadWritePaths=\(folder)"
  }

  /// The last part of the path, with `-` in place of all between letters, digits, dots and underscores.
  private static func unitName(of folder: String) -> String {
    let last = folder.split(separator: "/").last ?? "scripts"
    var name = ""
    for scalar in last.unicodeScalars.prefix(100) {
      let isWord =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || scalar == "." || scalar == "_"
      if isWord { name.unicodeScalars.append(scalar) } else if name.last != "-" { name += "-" }
    }
    return name
  }

  /// The path as one word of a setting. Nil if it has a character for which systemd has no spelling in every setting.
  private static func word(_ path: String) -> String? {
    let isClean = path.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "\\"
    }
    guard isClean else { return nil }
    let text = escaped(path)
    return text.contains { " ';#".contains($0) } ? "\"\(text)\"" : text
  }

  /// A percent sign begins a specifier.
  private static func escaped(_ text: String) -> String {
    String(text.flatMap { $0 == "%" ? "%%" : String($0) })
  }

  /// The template with values in place of `@NAME@`.
  private static func fill(_ template: String, _ values: [String: String]) -> String {
    var text = ""
    var isText = true
    for part in template.split(separator: "@", omittingEmptySubsequences: false) {
      if isText {
        text += part
        isText = false
      } else if let value = values[String(part)] {
        text += value
        isText = true
      } else {
        text += "@" + part
      }
    }
    return text
  }
}
