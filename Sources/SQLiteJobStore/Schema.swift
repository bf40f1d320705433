/// The tables, and how an older file becomes one of today.
///
/// Instants and durations are nanoseconds; run ids are bit patterns; values are `Value.encoded`. Words (`status`, `state`,
/// `kind` of a decision) are the raw values of their types.
enum Schema {
  /// "Moon": what `file` and other programs know the file by.
  static let application: Int64 = 0x4d6f_6f6e

  /// How many migrations this version knows: what a file says in `user_version`.
  static var version: Int64 { Int64(migrations.count) }

  /// Each makes the tables of one version from those of the one before.
  static let migrations = [tables, sources, timing, deadRuns]

  /// What the tables of runs have. `id` is the row, so that the others need not hold a key of two columns.
  static let runColumns = """
    run INTEGER NOT NULL, attempt INTEGER NOT NULL, job INTEGER NOT NULL, number INTEGER NOT NULL,
    status TEXT NOT NULL, scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    processor_time INTEGER NOT NULL, peak_memory INTEGER NOT NULL, omitted_lines INTEGER NOT NULL,
    result BLOB, message TEXT, traceback TEXT, data BLOB, log BLOB, UNIQUE(run, attempt)
    """

  /// Runs under way are in a table of their own: it is small, so a run is found there for nothing, and those that a crash
  /// cut off are what is left in it.
  private static let tables = """
    CREATE TABLE marks(
      id INTEGER PRIMARY KEY CHECK(id = 1), handled_through INTEGER, last_run INTEGER NOT NULL,
      last_job INTEGER NOT NULL, last_decision INTEGER NOT NULL, seed INTEGER
    ) STRICT;
    INSERT INTO marks VALUES(1, NULL, 0, 0, 0, NULL);

    CREATE TABLE jobs(
      id INTEGER PRIMARY KEY, script TEXT NOT NULL, name TEXT NOT NULL, is_named INTEGER NOT NULL,
      "trigger" TEXT NOT NULL, anchor INTEGER NOT NULL, registered INTEGER NOT NULL, instants BLOB,
      due INTEGER, fires INTEGER NOT NULL, runs INTEGER NOT NULL, last_started INTEGER,
      state TEXT NOT NULL, reason TEXT, history INTEGER NOT NULL, failures INTEGER NOT NULL,
      orphaned_at INTEGER
    ) STRICT;
    CREATE INDEX jobs_by_name ON jobs(name, script);

    CREATE TABLE states(job INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;

    CREATE TABLE promises(
      run INTEGER PRIMARY KEY, job INTEGER NOT NULL, kind INTEGER NOT NULL, status INTEGER NOT NULL,
      attempt INTEGER NOT NULL, scheduled_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
      cuts INTEGER NOT NULL, arguments BLOB, event BLOB
    ) STRICT;
    CREATE INDEX promises_of_job ON promises(job);

    CREATE TABLE running(\(runColumns)) STRICT;
    CREATE TABLE runs(\(runColumns)) STRICT;
    CREATE INDEX runs_of_job ON runs(job, scheduled_at, run, attempt, status);
    CREATE INDEX runs_by_time ON runs(scheduled_at, run, attempt, status);

    CREATE TABLE summaries(
      job INTEGER NOT NULL, from_at INTEGER NOT NULL, through_at INTEGER NOT NULL,
      count INTEGER NOT NULL, total_duration INTEGER NOT NULL, longest_duration INTEGER NOT NULL,
      total_lateness INTEGER NOT NULL, longest_lateness INTEGER NOT NULL,
      processor_time INTEGER NOT NULL, PRIMARY KEY(job, from_at)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX summaries_of_job ON summaries(job, through_at);
    CREATE INDEX summaries_by_time ON summaries(through_at);

    CREATE TABLE decisions(
      id INTEGER PRIMARY KEY, job INTEGER NOT NULL, kind TEXT NOT NULL, from_at INTEGER NOT NULL,
      through_at INTEGER NOT NULL, count INTEGER NOT NULL, decided_at INTEGER NOT NULL,
      reason TEXT NOT NULL, run INTEGER
    ) STRICT;
    CREATE INDEX decisions_of_job ON decisions(job, through_at);
    CREATE INDEX decisions_by_time ON decisions(through_at);
    """

  /// Texts of scripts and modules, each once, and which of them the last good version of a script has. A script itself is
  /// the module without a name; `chunk` is what Lua calls the text.
  private static let sources = """
    CREATE TABLE sources(
      id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text BLOB NOT NULL
    ) STRICT;
    CREATE TABLE script_sources(
      script TEXT NOT NULL, module TEXT NOT NULL, chunk TEXT NOT NULL, source INTEGER NOT NULL,
      loaded_at INTEGER NOT NULL, PRIMARY KEY(script, module)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX script_sources_by_source ON script_sources(source);
    """

  /// From when a job's instants count, and by which options; which promises are due after a length of time. A job of before
  /// counts from its registration; its options are not known, and taken for unchanged.
  private static let timing = """
    ALTER TABLE jobs ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN timing TEXT;
    ALTER TABLE jobs ADD COLUMN has_paused_option INTEGER;
    ALTER TABLE jobs ADD COLUMN from_at INTEGER;
    ALTER TABLE jobs ADD COLUMN till_at INTEGER;
    UPDATE jobs SET since = registered;

    ALTER TABLE promises ADD COLUMN is_relative INTEGER NOT NULL DEFAULT 0;
    UPDATE promises SET is_relative = 1 WHERE kind <> 0;
    """

  /// A pending run that is not started again by itself is `dead` since this version; it was `parked` before.
  private static let deadRuns = """
    UPDATE decisions SET kind = 'dead' WHERE kind = 'parked';
    """
}
