import SystemCalls
import Testing

/// Crontabs are taken over, as who runs a small server would do it.
@Suite struct ImportTests {
  /// Lines as they stand in the crontabs of servers, each with the name that its job gets, and a part of its note.
  private static let lines: [(line: String, name: String, note: String?)] = [
    ("*/5 * * * * php -f /var/www/nextcloud/cron.php", "nextcloud cron", nil),
    (
      "*/15 * * * * /usr/bin/php8.2 /var/www/wiki/maintenance/runJobs.php --maxjobs 50 >/dev/null 2>&1",
      "runJobs", "thrown away"
    ),
    (
      "*/10 * * * * wget -q -O - 'https://blog.example.org/wp-cron.php?doing_wp_cron' >/dev/null 2>&1",
      "wget wp-cron", "thrown away"
    ),
    (
      "* * * * * cd /srv/shop && php artisan schedule:run >> /dev/null 2>&1",
      "artisan schedule:run", "thrown away"
    ),
    (
      "0 */12 * * * test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew",
      "certbot renew", "jitter"
    ),
    ("17 * * * * cd / && run-parts --report /etc/cron.hourly", "run-parts cron.hourly", nil),
    (
      "25 6 * * * test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
      "run-parts cron.daily", nil
    ),
    (
      "47 6 * * 7 test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.weekly )",
      "run-parts cron.weekly", nil
    ),
    (
      "30 2 * * * /usr/bin/mysqldump --single-transaction shop | gzip > /backup/shop-$(date +\\%F).sql.gz",
      "mysqldump", nil
    ),
    (
      "15 3 * * * pg_dump -Fc -U backup wiki > /backup/wiki_`date +\\%u`.dump 2>>/var/log/backup.err",
      "pg_dump", "a file"
    ),
    ("0 4 * * * rsync -a --delete /srv/ backup@nas.lan:/volume1/srv/", "rsync", nil),
    (
      "0 1 * * * restic -q backup /home && restic forget --keep-daily 7 --prune", "restic backup",
      nil
    ),
    ("@daily find /tmp -type f -name '*.tmp' -mtime +7 -delete", "find", nil),
    ("10 0 * * * find /var/log/app -name \"*.log\" -mtime +30 -exec gzip {} \\;", "find 2", nil),
    (
      "*/5 * * * * curl -fsS -m 10 --retry 3 https://shop.example.org/health > /dev/null || echo 'shop is down'",
      "curl health", nil
    ),
    (
      "0 5 * * * /usr/local/bin/backup.sh && curl -fsS https://hc.example/ping/1 > /dev/null",
      "backup", "ping = "
    ),
    ("*/2 * * * * flock -n /run/lock/sync.lock /usr/local/bin/sync.sh", "sync", "flock -n"),
    ("0 6 * * 1-5 timeout 600 /usr/local/bin/report.py --send", "report", "timeout = \"10m\""),
    ("20 4 * * sun cd /srv/site && git pull --ff-only -q && make -s", "git pull", nil),
    (
      "0 0 1 * * /usr/sbin/logrotate -s /home/app/logrotate.state /home/app/logrotate.conf",
      "logrotate", nil
    ),
    ("@weekly docker system prune -f", "docker system", nil),
    (
      "45 23 28-31 * * [ \"$(date -d tomorrow +\\%d)\" = 01 ] && /usr/local/bin/month-end.sh",
      "month-end", nil
    ),
    (
      "0 9 1,15 * mon mail -s 'time sheets' team@example.org%Please fill in your sheets.%%Thanks",
      "mail", "input"
    ),
    ("5 4 * * * apt-get -q update && apt-get -q -y upgrade", "apt-get update", nil),
    (
      "*/30 8-18 * * mon-fri nice -n 10 ionice -c3 /opt/indexer/bin/index --all", "indexer index",
      nil
    ),
    ("0 22 * jan-mar,DEC * /usr/bin/python3 /srv/heating/frost.py", "frost", nil),
    (
      "@monthly openssl s_client -connect example.org:443 </dev/null 2>/dev/null | openssl x509 -noout -checkend 604800",
      "openssl", nil
    ),
    ("12 3 * * * sleep $((RANDOM \\% 300)); /usr/bin/freshclam --quiet", "freshclam", "jitter"),
    ("@hourly /usr/bin/env bash -lc 'cd ~/app && bundle exec rake stats'", "bash", nil),
    (
      "3 * * * * [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi",
      "sessionclean", nil
    ),
    ("@reboot /usr/local/bin/tunnel.sh >/var/log/tunnel.log 2>&1 &", "tunnel", "without its &"),
  ]

  @Test func `thirty lines of servers become jobs that load`() throws {
    let text = "MAILTO=ann@example.org\n" + Self.lines.map { $0.line + "\n" }.joined()
    let folder = try ScriptFolder(["server.cron": text])
    let outcome = try moonwheel("import", "crontab", "server.cron", "-o", "jobs.lua", in: folder)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      outcome.log.contains("\(Self.lines.count) jobs, 11 notes above them\n"), "\(outcome.log)")
    let list = try moonwheel("list", "--json", "jobs.lua", in: folder).output
    let script = String(
      decoding: try RegularFile.read(folder.path + "/jobs.lua", atMost: 1 << 20), as: UTF8.self)
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, name, note) in Self.lines {
      let isThere = list.contains("\"name\":\"\(name)\"")
      #expect(isThere, "\(line): no job \"\(name)\"")
      let call = try #require(lines.firstIndex { $0.contains("{ name = \"\(name)\" }") }, "\(line)")
      if let note { #expect(lines[..<call].last?.contains(note) == true, "\(line)") }
    }
    let check = try moonwheel("check", "--allow-asked", "jobs.lua", in: folder)
    #expect(
      check.code == 0 && check.output.contains("1 script, \(Self.lines.count) jobs, no errors"))
  }

  @Test func `harmless lines do what they do under cron`() throws {
    let folder = try ScriptFolder(
      [
        "me.cron": """
        PATH=/usr/bin:/bin:/opt/odd path
        GREETING = "it's  fine"
        @reboot echo "path $PATH"; echo "$GREETING"
        @reboot pwd; date +\\%\\% >&2
        @reboot cat; echo "end"%first%second
        SHELL=/bin/bash
        @reboot [[ $BASH_VERSION ]] && false | echo "no pipefail in bash"
        @reboot exit 3
        """
      ])
    #expect(try moonwheel("import", "crontab", "me.cron", "-o", "me.lua", in: folder).code == 0)
    let home = folder.path
    let host = try MoonwheelProcess(
      ["run", "me.lua", "--store", "memory", "--allow-asked"], in: folder,
      environment: ["HOME": home])
    for text in [
      "path /usr/bin:/bin:/opt/odd path", "it's  fine", home, "WARN  me.lua/pwd  %", "  first",
      "  second", "  end", "no pipefail in bash", "exit 3",
    ] {
      try host.line(text)
    }
    host.signal(15)
    #expect(try host.exit() == 0)
  }

  @Test func `MAILTO mails what a line prints, and failures`() throws {
    let folder = try ScriptFolder([
      "me.cron": """
      0 1 * * * quiet
      MAILTO=ann@example.org
      MAILFROM=cron@example.org
      0 2 * * * silent
      0 3 * * * talks
      0 4 * * * fails
      """
    ])
    #expect(try moonwheel("import", "crontab", "me.cron", "-o", "me.lua", in: folder).code == 0)
    try folder.write(
      "me_test.lua",
      """
      test("mails", function(sim)
        local mails = {}
        sim:mock("sh.run", function(command)
          if command == "cd; fails" then
            return nil, "exit 3: lost", "exit", { code = 3, stdout = "half\\n", stderr = "lost\\n" }
          end
          return command == "cd; silent" and "" or "said by " .. command .. "\\n"
        end)
        sim:mock("mail.send", function(mail) mails[#mails + 1] = mail return "id" end)
        sim:load("me.lua")
        sim:advance("1d")
        expect(mails):equals {
          { from = "cron@example.org", to = "ann@example.org", subject = "Cron: talks", text = "said by cd; talks\\n" },
          { from = "cron@example.org", to = "ann@example.org", subject = "Cron: fails", text = "half\\nlost\\nexit 3: lost" },
        }
        expect(sim:runs("fails")[1].status):equals("failed")
        expect(sim:runs("quiet")[1].status):equals("succeeded")
      end)
      """)
    let outcome = try moonwheel("test", ".", in: folder)
    #expect(outcome.code == 0, "\(outcome)")
  }

  @Test func `a crontab of the system is known by its place, and from standard input by the flag`()
    throws
  {
    let folder = try ScriptFolder()
    try folder.makeFolder("etc")
    try folder.write("crontab", "1 2 * * * root a\n3 4 * * * git b\n", in: "etc")
    let outcome = try moonwheel("import", "crontab", "etc/crontab", in: folder)
    #expect(outcome.code == 0 && outcome.output.contains("run(as(\"git\", \"b\"))"), "\(outcome)")
    let input = try moonwheel("import", "crontab", "-", "--user-column", input: "1 2 * * * git b\n")
    #expect(input.code == 0 && input.output.contains("run the host of this script as git"))
    let without = try moonwheel("import", "crontab", "-", input: "1 2 * * * root b\n")
    #expect(without.code == 0 && without.log.contains("--user-column"))
  }

  @Test func `what is wrong is told with its line, and exit codes tell it too`() throws {
    let folder = try ScriptFolder(["a.cron": "* * * * * x\n@foo y\n", "b.cron": "hello\n"])
    let partial = try moonwheel("import", "crontab", "a.cron", "-o", "a.lua", in: folder)
    #expect(partial.code == 1 && partial.log.contains("not taken over: a.cron:2: "), "\(partial)")
    #expect(partial.log.contains("1 job, 1 line not taken over"))
    let again = try moonwheel("import", "crontab", "a.cron", "-o", "a.lua", in: folder)
    #expect(again.code == 2 && again.log.contains("a.lua is there already; --force replaces it"))
    #expect(
      try moonwheel("import", "crontab", "a.cron", "-o", "a.lua", "--force", in: folder).code == 1)
    for file in ["b.cron", "missing.cron"] {
      let outcome = try moonwheel("import", "crontab", file, "-o", "b.lua", in: folder)
      #expect(outcome.code == 2 && outcome.log.contains(file), "\(outcome)")
    }
    #expect(!folder.names().contains("b.lua"))
    #expect(try moonwheel("import", "anacrontab", "a.cron", in: folder).code == 64)
  }
}
