import Testing

/// Commands that look at scripts which nobody has granted anything.
@Suite struct TrialTests {
  @Test(arguments: [
    ["check", "."], ["list", "."], ["allow", "a.lua"], ["simulate", ".", "--for", "1m"],
  ])
  func `a script that is only looked at reads no file outside of its folder`(command: [String])
    throws
  {
    let elsewhere = try ScriptFolder()
    try elsewhere.write("key", "the secret")
    let folder = try ScriptFolder([
      "a.lua": """
      permissions { read = { "\(elsewhere.path)/key", "near", "../\(elsewhere.path)/key" } }
      error((fs.read("\(elsewhere.path)/key") or "nothing") .. " and " .. fs.read("near"), 0)
      """
    ])
    try folder.write("near", "the file beside")
    let outcome = try moonwheel(command, in: folder)
    #expect(outcome.code != 0)
    let text = outcome.output + outcome.log
    #expect(text.contains("nothing and the file beside") && !text.contains("secret"), "\(text)")
  }
}
