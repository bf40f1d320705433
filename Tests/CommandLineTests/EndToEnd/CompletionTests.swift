import Testing

/// What bash offers when a user presses Tab. `make test-package` tries bash, zsh and fish on a terminal.
@Suite struct CompletionTests {
  /// Completes the line `$2` with the completions of the program `$1`, as bash does.
  private static let completing = """
    . <("$1" --generate-completion-script bash)
    COMP_LINE=$2 COMP_POINT=${#2}
    read -ra COMP_WORDS <<<"$2"
    [[ $2 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _moonwheel moonwheel "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "${COMPREPLY[@]}"
    """

  @Test(arguments: [
    ("moonwheel ru", ["run", "runs"]),
    ("moonwheel expl", ["explain"]),
    ("moonwheel run --shut", ["--shutdown-timeout"]),
    ("moonwheel al", ["allow"]),
    ("moonwheel allow --d", ["--diff"]),
    ("moonwheel allow jobs/re", ["jobs/report.lua"]),
    ("moonwheel run --allow-u", ["--allow-unix", "--allow-unsafe-lua"]),
    ("moonwheel run --deny-se", ["--deny-secret", "--deny-send"]),
    ("moonwheel run --log ", ["pretty", "json"]),
    ("moonwheel exec --log ", ["pretty", "json"]),
    ("moonwheel test --format ", ["pretty", "tap", "junit"]),
    ("moonwheel next --gap ", ["after", "shift", "skip"]),
    ("moonwheel explain --fold ", ["first", "last", "both"]),
    ("moonwheel runs --status ba", ["bad"]),
    ("moonwheel runs --status d", ["dropped"]),
    ("moonwheel run --tz Europe/Berl", ["Europe/Berlin"]),
    ("moonwheel why --tz UT", ["UTC"]),
    // Scripts, and folders that may have some.
    ("moonwheel run j", ["jobs"]),
    ("moonwheel run jobs/", ["jobs/lib", "jobs/report.lua"]),
    ("moonwheel check jobs/re", ["jobs/report.lua"]),
    ("moonwheel exec jobs/re", ["jobs/report.lua"]),
    ("moonwheel test jobs/re", ["jobs/report.lua"]),
    ("moonwheel why jobs/re", ["jobs/report.lua"]),
    ("moonwheel runs jobs/re", ["jobs/report.lua"]),
    ("moonwheel run jobs --on-failure jobs/r", ["jobs/report.lua"]),
    ("moonwheel run jobs --store jobs/no", ["jobs/notes.txt"]),
    ("moonwheel simulate jobs --diff jobs/no", ["jobs/notes.txt"]),
  ])
  func `bash offers what fits`(line: String, offered: [String]) throws {
    let folder = try ScriptFolder()
    try folder.makeFolder("jobs")
    try folder.makeFolder("jobs/lib")
    try folder.write("report.lua", "", in: "jobs")
    try folder.write("notes.txt", "", in: "jobs")
    let bash = try MoonwheelProcess(
      program: "/bin/bash", ["-c", Self.completing, "bash", BuiltProgram.path(), line], in: folder)
    #expect(try bash.exit() == 0)
    #expect(bash.text(.log).isEmpty, "\(bash.text(.log))")
    let words = bash.text(.output).split(separator: "\n").map(String.init)
    #expect(Set(words) == Set(offered), "\(words)")
  }
}
