import Testing

@testable import Crontab

/// What is written for a crontab.
@Suite struct CrontabScriptTests {
  private static func script(_ text: String, users: Bool = false) throws -> String {
    let crontab = try Crontab(Array(text.utf8), hasUserColumn: users) { _ in true }
    return CrontabScript(crontab, from: "jobs.cron").text
  }

  /// Without the heading.
  private static func body(_ text: String, users: Bool = false) throws -> String {
    let script = try script(text, users: users)
    let start = try #require(script.firstRange(of: "\npermissions {"))
    return String(script[start.lowerBound...].dropFirst())
  }

  @Test func `a small crontab is a small script`() throws {
    let body = try Self.body(
      """
      # m h  dom mon dow   command

      # Every night
      30 2 * * * /usr/local/bin/backup.sh
      @reboot echo "up"
      """)
    #expect(
      body == """
        permissions { run = { "sh", "unconfined" } }

        -- As with cron: nothing bounds how long a line takes, and what falls into a time off is not made up for.
        defaults { timeout = false, catchup = "none" }

        local setup = "cd; "

        -- Runs a line in the home folder, with all that the user of the host may do: cron does not confine it either.
        local function run(command)
          return function() assert(sh(setup .. command, { confine = false })) end
        end

        -- Every night
        cron("30 2 * * *", { name = "backup" }, run "/usr/local/bin/backup.sh")
        cron("@reboot", { name = "echo" }, run [[echo "up"]])

        """)
  }

  @Test func `settings hold for the lines below them`() throws {
    let body = try Self.body(
      """
      PATH=/usr/local/bin:/usr/bin
      MAILTO=ann@example.org
      * * * * * a
      SHELL=/bin/bash
      GREETING="it's"
      MAILTO=""
      CRON_TZ=Asia/Tokyo
      RANDOM_DELAY=30
      * * * * * b%x
      """)
    #expect(
      body.hasPrefix(
        "permissions { run = { \"/bin/sh\", \"/bin/bash\", \"unconfined\" }, mail = { \"ann@example.org\" } }\n"
      ))
    for line in [
      "local shell = \"/bin/sh\"", "local setup = \"export PATH='/usr/local/bin:/usr/bin'; cd; \"",
      "local mailto = \"ann@example.org\"",
      "  local shell, setup, mailto = shell, setup, mailto    -- as it stands above the line",
      "cron(\"* * * * *\", { name = \"a\" }, run \"a\")", "shell = \"/bin/bash\"",
      #"setup = [[export PATH='/usr/local/bin:/usr/bin' GREETING='it'\''s'; cd; ]]"#,
      "mailto = nil",
      "-- note: what followed the % is the input of the command, as in cron",
      "cron(\"* * * * *\", { name = \"b\", tz = \"Asia/Tokyo\", jitter = \"30m\" }, run(\"b\", \"x\\n\"))",
    ] {
      #expect(body.contains("\n\(line)\n"), "\(line) is not in\n\(body)")
    }
  }

  @Test func `lines of several users are told what to do`() throws {
    let several = try Self.script(
      "1 * * * * root a\n2 * * * * www-data b\n3 * * * * www-data c%d\n", users: true)
    #expect(several.contains("run the host as root, which becomes the others by runuser"))
    #expect(several.contains("run \"a\")\n"))
    #expect(
      several.contains("/bin/sh \" .. sh.quote(user) .. \" -c \" .. sh.quote(setup .. command)"))
    #expect(several.contains("run(as(\"www-data\", \"b\")))\n"))
    #expect(several.contains("run(as(\"www-data\", \"c\"), \"d\\n\"))\n"))
    let one = try Self.script("1 * * * * git a\n", users: true)
    #expect(one.contains("-- All lines ran as git: run the host of this script as git."))
    #expect(one.contains("run \"a\")\n") && !one.contains("runuser"))
  }

  @Test func `what is not taken over stands in its place`() throws {
    let script = try Self.script("1 * * * * a\n99 * * * * b \u{7} [[c]]\n2 * * * * d\n")
    #expect(
      script.contains(
        """
        cron("1 * * * *", { name = "a" }, run "a")
        -- NOT TAKEN OVER, line 2: cron "99 * * * *": minute 99 is out of range 0-59
        --  99 * * * * b   [[c]]
        cron("2 * * * *", { name = "d" }, run "d")
        """), "\(script)")
  }

  @Test(arguments: [
    ("MAILTO=root", "root is a user of this machine"), ("MAILTO=$ADMIN", "is no address"),
    ("TZ=Asia/Tokyo", "TZ is for the commands alone"), ("LOGNAME=x", "LOGNAME is left out"),
    ("SHELL=/usr/bin/fish", "must understand the words of a Bourne shell"),
  ])
  func `a setting with a note`(setting: String, note: String) throws {
    let script = try Self.script("\(setting)\n* * * * * a\n")
    #expect(script.contains("-- note: ") && script.contains(note), "\(script)")
  }

  @Test(arguments: [
    ("plain", "\"plain\""), ("a \"b\"", "[[a \"b\"]]"),
    ("[ \"$(x [[y]])\" ]", "[=[[ \"$(x [[y]])\" ]]=]"),
    ("\\]", "[=[\\]]=]"), ("a\nb\\", "\"a\\nb\\\\\""), ("\u{1}\"", "\"\\u{1}\\\"\""),
  ])
  func `a text of Lua`(text: String, literal: String) { #expect(LuaText.literal(text) == literal) }

  @Test(arguments: [
    ("/usr/local/bin/backup.sh --all", "backup"), ("cd /srv && git pull -q", "git pull"),
    ("cd / && run-parts --report /etc/cron.hourly", "run-parts cron.hourly"),
    (
      "test -x /usr/bin/certbot && perl -e 'sleep int(rand(43200))' && certbot -q renew",
      "certbot renew"
    ),
    ("[ -d /x ] && nice -n 19 ionice -c2 -n7 flock -n /run/x.lock timeout 300 /opt/x/sync", "sync"),
    ("php -f /var/www/nextcloud/cron.php", "nextcloud cron"),
    ("/usr/bin/php8.2 /var/www/wiki/maintenance/runJobs.php --maxjobs 10", "runJobs"),
    ("cd /srv/app && php artisan schedule:run >> /dev/null 2>&1", "artisan schedule:run"),
    (
      "wget -q -O - https://blog.example.org/wp-cron.php?doing_wp_cron >/dev/null 2>&1",
      "wget wp-cron"
    ),
    ("curl -fsS https://hc-ping.com/2f1c0a4e-5b7d-4f62-9f0e-0123456789ab", "curl hc-ping.com"),
    ("FOO=1 sudo -u postgres pg_dump -Fc shop > /backup/shop.dump", "pg_dump"),
    ("find /tmp -name '*.tmp' -mtime +7 -exec rm {} \\;", "find"), ("bash -lc 'echo x'", "bash"),
    ("sh -e /x/y.sh", "y"),
    ("python3 -m http.server", "http.server"), ("\"$HOME/bin/a b.sh\" daily", "a b daily"),
    ("/srv/app/current/bin/console app:sync", "app console app:sync"), ("ümlaut", "ümlaut"),
    ("$(x)", "x"), ("'%'", "line 7"), ("", "line 7"),
  ])
  func `a name`(command: String, name: String) {
    var names = JobNames()
    #expect(names.name(of: command, line: 7) == name)
    #expect(names.name(of: command, line: 7) == name + " 2")
  }

  @Test(arguments: [
    ("flock -n /x y", "needs flock -n only against other programs"),
    ("flock -w 10 /x y", "overlap = \"queue\""), ("timeout 300 y", "timeout = \"5m\""),
    ("timeout -k 5 90s y", "timeout = \"90s\""), ("y >/dev/null 2>&1", "thrown away"),
    ("y >> /var/log/y.log 2>&1", "goes to a file"),
    ("sleep $((RANDOM % 600)); y", "jitter = \"10m\""),
    ("perl -e 'sleep int(rand(43200))' && y", "jitter = \"720m\""),
    ("y && curl -fsS -m 10 https://hc.example/1 > /dev/null", "ping = \"https://hc.example/1\""),
    ("y &", "without its & at the end"), ("y & z", "leaves in the background"),
  ])
  func `a note`(command: String, note: String) {
    let notes = CommandRemarks(CrontabJob(spec: "@daily", command: command)).remarks
    #expect(notes.contains { $0.contains(note) }, "\(notes)")
  }

  @Test(arguments: [
    "y 2>&1 | logger", "y &> z.log", "a && b || c", "echo a#b", "find . -exec x {} +",
  ])
  func `no note`(command: String) {
    #expect(CommandRemarks(CrontabJob(spec: "@daily", command: command)).remarks == [])
  }

  @Test func `a daemon is no longer put into the background`() {
    let remarks = CommandRemarks(
      CrontabJob(spec: "@reboot", command: "/opt/d --x >/dev/null 2>&1 &"))
    #expect(remarks.command == "/opt/d --x >/dev/null 2>&1")
  }
}
