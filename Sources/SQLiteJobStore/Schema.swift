/// The tables, and the statements that bring an older file up to date.
///
/// Instants and durations are nanoseconds; run ids are bit patterns; values are `Value.encoded`. Texts such as
/// `status`, `state` and the `kind` of a decision are the raw values of their types.
enum Schema {
  /// The letters "Moon", by which `file` and other programs recognise the file.
  static let application: Int64 = 0x4d6f_6f6e

  /// The version of the tables; a file has it in `user_version`.
  static var version: Int64 { Int64(migrations.count) }

  /// Each one brings the tables of one version to the next. A released one never changes.
  static let migrations = [tables, sources, timing, deadRuns, modules]

  /// The columns of both tables of runs.
  static let runColumns = """
    run INTEGER NOT NULL, attempt INTEGER NOT NULL, job INTEGER NOT NULL, number INTEGER NOT NULL,
    status TEXT NOT NULL, scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    processor_time INTEGER NOT NULL, peak_memory INTEGER NOT NULL, omitted_lines INTEGER NOT NULL,
    result BLOB, message TEXT, traceback TEXT, data BLOB, log BLOB, UNIQUE(run, attempt)
    """

  /// Runs under way have a table of their own: it is small, so finding a run there is cheap, and after a crash it holds
  /// the runs that were interrupted.
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

  /// The texts of scripts and modules, each once, and the texts that the last good version of each script uses. The
  /// script itself is the module with an empty name; `chunk` is Lua's name of the text.
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

  /// Adds the instant from which a job's trigger counts, the options of its timing, and whether a pending run is due
  /// after a duration. An older job counts from its registration; its options are unknown, and the host takes them for
  /// unchanged.
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

  /// Renames `parked`, the decision about a pending run that the host does not start again, to `dead`.
  private static let deadRuns = """
    UPDATE decisions SET kind = 'dead' WHERE kind = 'parked';
    """
}
