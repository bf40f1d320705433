/// The comments with which Debian and Red Hat begin a crontab, which explain cron.
enum CrontabBoilerplate {
  static func contains(_ comment: String) -> Bool {
    let words = comment.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    return lines.contains(words)
      || ["m h dom mon dow command", "m h dom mon dow user command"].contains(words)
  }

  private static let lines: Set<String> = [
    "Edit this file to introduce tasks to be run by cron.",
    "Each task to run has to be defined through a single line",
    "indicating with different fields when the task will be run",
    "and what command to run for the task",
    "To define the time you can provide concrete values for",
    "minute (m), hour (h), day of month (dom), month (mon),",
    "and day of week (dow) or use '*' in these fields (for 'any').",
    "Notice that tasks will be started based on the cron's system",
    "daemon's notion of time and timezones.",
    "Output of the crontab jobs (including errors) is sent through",
    "email to the user the crontab file belongs to (unless redirected).",
    "For example, you can run a backup of all your user accounts",
    "at 5 a.m every week with:",
    "0 5 * * 1 tar -zcf /var/backups/home.tgz /home/",
    "For more information see the manual pages of crontab(5) and cron(8)",
    "/etc/crontab: system-wide crontab",
    "Unlike any other crontab you don't have to run the `crontab'",
    "command to install the new version when you edit this file",
    "and files in /etc/cron.d. These files also have username fields,",
    "that none of the other crontabs do.",
    "Example of job definition:",
    ".---------------- minute (0 - 59)",
    "| .------------- hour (0 - 23)",
    "| | .---------- day of month (1 - 31)",
    "| | | .------- month (1 - 12) OR jan,feb,mar,apr ...",
    "| | | | .---- day of week (0 - 6) (Sunday=0 or 7) OR sun,mon,tue,wed,thu,fri,sat",
    "| | | | |",
    "* * * * * user-name command to be executed",
    "For details see man 4 crontabs",
  ]
}
