import Testing

@testable import Crontab

/// How lines are read, by the rules of Vixie cron.
@Suite struct CrontabReadingTests {
  private static func line(_ text: String, users: Bool = false) throws -> Crontab.Content {
    let crontab = try Crontab(Array(text.utf8), hasUserColumn: users) { $0 == "Europe/Berlin" }
    return try #require(crontab.lines.first).content
  }

  private static func job(_ text: String, users: Bool = false) throws -> CrontabJob {
    guard case .job(let job) = try line(text, users: users) else {
      Issue.record("\(text): \(try line(text, users: users))")
      throw Crontab.Problem(description: text)
    }
    return job
  }

  @Test(arguments: [
    ("NAME=value", "NAME", "value"), ("  NAME  =  value  ", "NAME", "value"),
    ("NAME=a b  # no comment ", "NAME", "a b  # no comment"), ("NAME=", "NAME", ""),
    ("NAME=\"\"", "NAME", ""), ("NAME=\" a \"  ", "NAME", " a "), ("NAME='a\"b'", "NAME", "a\"b"),
    ("\"NAME\" = 'x'", "NAME", "x"), ("NAME=$HOME/bin", "NAME", "$HOME/bin"),
    ("NAME=a=b", "NAME", "a=b"), ("CRON_TZ=Europe/Berlin", "CRON_TZ", "Europe/Berlin"),
    ("RANDOM_DELAY=45", "RANDOM_DELAY", "45"), ("NAME\t=\tvalue", "NAME", "value"),
  ])
  func `a setting`(text: String, name: String, value: String) throws {
    #expect(try Self.line(text) == .setting(CrontabSetting(name: name, value: value)))
  }

  @Test(arguments: [
    ("*/5 * * * * poll", "*/5 * * * *", "poll"), ("\t1 2\t3  4 5   a  b ", "1 2 3 4 5", "a  b "),
    ("@daily poll", "@daily", "poll"), ("@reboot\t/x y", "@reboot", "/x y"),
    ("0 0 * * 7 sunday", "0 0 * * 7", "sunday"), ("0 9 13 * fri both", "0 9 13 * fri", "both"),
    ("0~30 3 * JAN,jul mon-Fri names", "0~30 3 * JAN,jul mon-Fri", "names"),
    ("5-55/10 8-18/2 1,15 * * steps", "5-55/10 8-18/2 1,15 * *", "steps"),
    ("* * * * * A=b cmd # to the shell", "* * * * *", "A=b cmd # to the shell"),
    ("-*/5 * * * * quiet", "*/5 * * * *", "quiet"), ("* * * * * -ns cmd", "* * * * *", "cmd"),
  ])
  func `a job`(text: String, spec: String, command: String) throws {
    let job = try Self.job(text)
    #expect(job.spec == spec && job.command == command && job.input == nil && job.user == nil)
  }

  @Test(arguments: [
    ("a%b", "a", "b\n"), ("a%b%c%", "a", "b\nc\n"), (#"date +\%F"#, "date +%F", nil),
    ("a%", "a", ""),
    (#"a \% b%c\%d"#, "a % b", "c%d\n"), (#"sed s/a\\b/ %x\y"#, #"sed s/a\\b/ "#, "x\\y\n"),
    (#"a\\%b"#, #"a\\"#, "b\n"), (#"a%b\"#, "a", "b\\\n"),
  ])
  func `percent signs`(text: String, command: String, input: String?) throws {
    let job = try Self.job("* * * * * " + text)
    #expect(job.command == command && job.input == input, "\(job)")
  }

  @Test func `a crontab of the system has users`() throws {
    let job = try Self.job("17 *\t* * *\troot\tcd / && run-parts /etc/cron.hourly", users: true)
    #expect(job.user == "root" && job.command == "cd / && run-parts /etc/cron.hourly")
    #expect(try Self.job("@daily www-data x", users: true).user == "www-data")
  }

  @Test(arguments: [
    ("hello", "neither NAME=value nor five fields"), ("* * * * *", "no command after the time"),
    ("* * * * * %x", "no command before the %"), ("61 * * * * x", "minute 61 is out of range 0-59"),
    ("0 0 30 2 * x", "never fires"), ("@hourli x", "did you mean \"@hourly\"?"),
    ("@every 5m x", "every(\"5m\")"), ("* * * * * -rm x", "which is no program"),
    ("* * * * fry x", "did you mean \"fri\"?"), ("CRON_TZ=Mars/Base", "no time zone \"Mars/Base\""),
    ("RANDOM_DELAY=soon", "RANDOM_DELAY is a number of minutes"), ("A-B=c", "no shell can set"),
    ("SHELL=/bin/sh -x", "SHELL must be"), ("A=\"b\" c", "neither NAME=value"),
    ("* * * *", "neither NAME=value nor five fields"),
  ])
  func `a line that cannot be taken over`(text: String, why: String) throws {
    guard case .refused(let reason) = try Self.line(text) else {
      Issue.record("\(text) was taken")
      return
    }
    #expect(reason.contains(why), "\(text): \(reason)")
  }

  @Test(arguments: [
    ("* * * * * /usr/bin/x y", "\"/usr/bin/x\" is no user"),
    ("* * * * * root", "after the user root"),
  ])
  func `a line without a user, where one belongs`(text: String, why: String) throws {
    guard case .refused(let reason) = try Self.line(text, users: true) else {
      Issue.record("\(text) was taken")
      return
    }
    #expect(reason.contains(why), "\(reason)")
  }

  @Test func `what is no crontab is told with its line`() throws {
    let isZone = { (_: String) in false }
    #expect(throws: Crontab.Problem(description: "line 2 has a byte of zero: this is no crontab")) {
      try Crontab(Array("# a\n\0b".utf8), hasUserColumn: false, isZone: isZone)
    }
    #expect(throws: Crontab.Problem.self) {
      try Crontab(
        [UInt8](repeating: 10, count: Crontab.longest + 1), hasUserColumn: false, isZone: isZone)
    }
    let latin = try Crontab(
      Array("* * * * * echo ".utf8) + [0xE4], hasUserColumn: false, isZone: isZone)
    #expect(latin.refused.first?.why.contains("not UTF-8") == true)
    let windows = try Crontab(
      Array("\u{feff}* * * * * x\r\n".utf8), hasUserColumn: false, isZone: isZone)
    #expect(windows.hasCarriageReturns && windows.jobs.map(\.command) == ["x"])
  }

  @Test func `a missing flag for users is noticed`() throws {
    let text = "1 * * * * root a\n2 * * * * www-data b\n"
    #expect(try Crontab(Array(text.utf8), hasUserColumn: false) { _ in false }.looksLikeUserColumn)
  }
}
