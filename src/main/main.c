/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - cflyway: the Flyway command line for PostgreSQL and SQLite
 *
 * This is the map of the sources. Data flows from top to bottom, through the folders and within
 * them; no folder uses those below it (tools/layers). A line names a source and its header. The SQL
 * of a single database is in db/NAME/sql/.
 *
 *   base/ - memory, text, files, character sets, time, errors, log lines, tables
 *     arena.c             memory that is freed together
 *     str.c               borrowed views of text, and lists of strings
 *     buf.c               growable bytes with a stated maximum, always NUL-terminated
 *     ascii.h             classifies ASCII characters, independently of the locale
 *     swar.h              examines eight bytes at a time
 *     attr.h              names the compiler attributes that cflyway uses
 *     banned.h            turns functions that are easy to misuse into compile errors
 *     about.h             defines the version of cflyway and the version of Flyway that it replaces
 *     error.c             records one failure
 *     log.c               passes log messages and progress lines to the code that shows them
 *     excerpt.c           shortens a long string for messages that quote a script
 *     utf8.c              decodes, checks and measures UTF-8 text as Java does
 *     charset.c           decodes text in any character set to UTF-8, in pieces
 *     decoder.h           holds the state of a decoder of a character set (charset.h)
 *     charset_decode.c    decodes each kind of character set, and finds character sets by name
 *     charset_names.c     maps Java's names of character sets to those of iconv
 *     iconv_linked.c      iconv for the static program, from tables that glibc's iconv has made
 *     fs.c                reads files in pieces, lists directories, and builds paths
 *     spool.c             stores bytes to be read later
 *     row_set.c           collects any number of result rows, which are then read once in order
 *     clock.c             tells the time, and writes times as Flyway does
 *     crc32.c             computes zlib's CRC-32 as the signed number that Flyway stores
 *     proc.c              runs another program and collects what it prints
 *     table.c             prints tables in the frame that Flyway draws
 *     shelf.c             keeps pieces of text, which can be taken back in any order
 *     command_line.c      a command line in a setting: cut into words, without a shell
 *     nearest.c           finds the name that is closest to a misspelt one
 *     process_group.c     the processes of a program that cflyway has started
 *     terminal.c          shows foreign text so that it cannot control a terminal
 *     replacement.c       a file that takes the place of another one when it is complete
 *     name_index.c        finds the position of a name in a list without walking the list
 *     note.c              what cflyway says of its own, beside the words of Flyway
 *     display.c           characters of a script as a message shows them
 *     source_line.c       shows a line of a script with a caret below the character that matters
 *     exit_code.c         what the exit code of cflyway means, as one table
 *     sql_object.c        what a database names as the object of a failure
 *     process_strays.c    the children of this process that are in no process group of a program
 *
 *   sql/ - the text of scripts: placeholders, statements, what they are
 *     text_source.c       reads the text of a script from a file, from memory, or through a filter
 *     placeholder.c       replaces ${name} in the text of a script, as it streams by
 *     statement.h         describes one statement of a script
 *     split.c             cuts a script into statements
 *     window.c            holds the part of a script that the splitter examines
 *     lexer_begin.c       finds where a statement begins
 *     lexer.c             finds where a statement begins and ends
 *     scan.c              steps over one literal, quoted name or comment
 *     comment_strip.c     copies a script without its comments
 *     words.c             keeps the first keywords of a statement, and counts its open blocks
 *     keyword.c           lists the words by which statements are recognised
 *     copy_data.c         reads the rows that follow a COPY … FROM STDIN in a script
 *     dialect.h           describes how the syntax of scripts differs between databases
 *     dialect_private.h   defines what a dialect tells the splitter
 *     dialect_postgres.c  describes the syntax of scripts for PostgreSQL
 *     dialect_sqlite.c    describes the syntax of scripts for SQLite
 *     side_effect.c       finds what a rollback does not take back
 *     client_command.c    finds what psql or sqlite3 would take for a command of their own
 *     lock_rule.c         the locks of statements that cannot run in a transaction
 *     password_literal.c  hides the passwords that a statement sets
 *     session_effect.c    finds what a statement leaves in the session, or expects there
 *     statement_line.c    shows a statement on one line: its beginning, without its passwords
 *     byte_order_mark.c   drops U+FEFF anywhere in a script, as Flyway does
 *     script_place.c      where a part of a statement comes from in the file of its script
 *     text_fault.c        why a file is not valid UTF-8: the place, the byte, the likely encoding
 *     client_command_remedy.c what a script says in place of a command of psql or sqlite3
 *     error_context.c     reads the CONTEXT of an error of PostgreSQL: which line of which function
 *     token.c             walks over the words, names and literals of one statement
 *     values_row.c        finds the row of an INSERT that a constraint has refused
 *     copy_row.c          finds the row of a COPY … FROM STDIN that a constraint has refused
 *
 *   config/ - arguments, flyway.toml, .conf files, variables -> settings
 *     args.c              parse the command line: verbs, -key=value, flags
 *     environ.c           read settings from environment variables
 *     config_file.c       read a configuration file and decode it
 *     properties.c        Flyway's dialect of Java properties (flyway.conf, V1__a.sql.conf)
 *     toml.cc             parse TOML 1.0 into a flat list of values, with toml++
 *     toml_scanner.c      step over the words of TOML without reading their values
 *     toml_error.c        report in Flyway's form what is wrong with invalid TOML
 *     toml_file.c         read flyway.toml
 *     options.c           the one list of parameters, declared in options.def
 *     options.def         the one list of parameters
 *     option_value.c      parse the values of options
 *     pairs.c             untyped configuration: keys and values with their origin
 *     sources.c           read all sources of configuration in order of precedence
 *     environments.c      apply the current [environments.NAME], which overrides [flyway]
 *     resolvers.c         replace ${env.X} and ${placeholder.x} in connection settings
 *     secret.c            mask passwords in values and in URLs
 *     unknown.c           report unknown keys, with Flyway's proposals
 *     settings.c          the configuration of a run, typed and checked
 *     settings_load.c     load the settings of an invocation from files, folders and variables
 *     targets.c           read the file of -targets: several databases in one run
 *     conf_to_toml.c      write the settings of a .conf file as flyway.toml
 *     error_overrides.c   the rules of errorOverrides: "STATE:CODE:BEHAVIOUR", such as 42P07:0:W
 *     target_options.c    what the arguments say about a run on several databases
 *     executors.c         the programs that run scripts by their suffix
 *     environment_targets.c the environments of flyway.toml as targets (-environments)
 *     tenants.c           the rows of a query as targets (-tenantsQuery)
 *     connection_url.c    URLs of databases in the forms of other tools, as JDBC URLs
 *     connection_variables.c the database that variables of other tools name
 *     sqlite_parameters.def the parameters of an SQLite URL that sqlite-jdbc 3.49.1 knows
 *     postgres_parameters.def the parameters of a connection to PostgreSQL
 *     hidden_arguments.c  takes secrets out of the arguments that other users see
 *     password_file.c     reads a password from the first line of a file (cflyway.passwordFile)
 *     postgres_parameters.c the parameters of a connection to PostgreSQL
 *     ignored_keys.c      says which keys Flyway ignores in silence although they are nearly right
 *     option_nearest.c    finds the option, variable or word that a misspelt one probably means
 *     option_name.c       what an option is called in the files
 *
 *   migration/ - locations, file names, checksums -> lists of migrations and callbacks
 *     resolve_options.h   the settings that decide which files are migrations and how they are read
 *     location.c          places to look for scripts: "filesystem:sql", with wildcards
 *     glob.c              match the files of a location with wildcards
 *     scan.c              walk the locations and find migrations and callbacks by their names
 *     filename.c          what the name of a script says: V1_2__Add_it.sql
 *     version.c           parse, compare and print versions of migrations
 *     type.c              the types of migrations, as the history table names them
 *     program.c           choose the program that runs a script that is not SQL, by its extension
 *     migration_file.c    one file that a scan found, and the migration in it
 *     script_config.c     the settings of one script: V1__a.sql.conf for V1__a.sql
 *     callback_events.def the events that callbacks are named after: beforeMigrate.sql
 *     checksum.c          the CRC32 that identifies the contents of a migration
 *     pattern.c           type:state patterns such as "*:missing" (ignoreMigrationPatterns)
 *     migration.c         a migration found on disk, and lists of them
 *     resolve.c           turn files into migrations: checksums, order, one for each version
 *     duplicates.c        drop files found twice, refuse two files for one version
 *     callback.c          scripts that run at an event: beforeMigrate.sql, afterMigrate__vacuum.sh
 *     cherry_pick.c       the migrations that cherryPick names, in its order
 *     next_name.c         the name of a new migration, in the habit of the existing ones
 *     next_version.c      the version that follows another one, in the same form
 *     script_conditions.c decides which scripts shouldExecute leaves out
 *     should_execute.c    evaluates the condition of a script: shouldExecute=${site}==Kiel
 *     layout.c            how the files of other migration tools are named, as one table
 *     layout_arrange.c    what the files of a layout mean together: order, versions, undo
 *     migration_files.h   files that a scan has found by their names
 *     comment_lines.c     finds the lines of a text that begin with "--", as it streams by
 *     part_markers.c      lines that divide a file into parts: "-- +goose Up", "-- migrate:down"
 *     script_part.c       scripts that are parts of a file: what goose, dbmate and tern write
 *     part_watch.c        notices when a text that is one script has the markers of two parts
 *     layout_detect.c     which layout do the files of the locations have?
 *     seeds.c             scripts with data, which run after the migrations
 *     script_limits.c     time limits and retries of one script
 *     checksum_variants.c which small change of a script gives it a stored checksum
 *     script_origin.c     finds the line and column of an offset in the text of a script
 *     filename_meant.c    the name that a misnamed script was probably to have
 *
 *   db/ - one interface for all databases, and the history table
 *     url.c               parses JDBC URLs, and shows them without secrets
 *     service.c           reads the service file
 *     db.h                the interface through which the other layers use a database
 *     db_calls.c          passes the calls of db.h to the driver; contains small helpers
 *     driver.h            the functions that a database driver has to provide
 *     driver_defaults.c   provides methods for databases that lack a feature
 *     drivers.c           the databases that cflyway knows
 *     open.c              chooses the driver by the URL, connects with retries, runs initSql
 *     history.c           reads and writes the rows of the schema history table
 *     result_log.c        logs the output of the statements of a script
 *     sql_template.h      inserts names into the SQL templates of a catalog
 *     notices.c           keeps the notices of a statement until its outcome is known
 *     dry_run.c           writes what a command would do to a database into a file of SQL
 *     dry_run_reading.c   the session that a dry run reads from
 *     dry_run_driver.c    the methods of a driver that writes a file
 *     dry_run_script.c    the statements of scripts in the file of a dry run
 *     dry_run_state.c     a dry run that is under way, for the files that work on it
 *     dry_run_text.c      statements, transactions and rows as lines of the file of a dry run
 *     sql_file.c          a file that appears under its name only when it is complete
 *     trial_driver.c      a driver around a driver: BEGIN, COMMIT and ROLLBACK become savepoints
 *     trial.h             one transaction around all that a command does, rolled back at the end
 *     dry_run_catalog.c   the catalog of a dry run: schemas and the history table
 *     foreign_table.c     reads a table that another program has made
 *     schema_tables.c     the tables of a schema, and which of them are history tables
 *     answer_shape.c      what a query of cflyway's own is answered with, checked before it is read
 *     explanation.c       explains the error codes that migrations meet
 *     explanations.def    what the error codes that migrations meet mean, and what to do
 *     cause.c             finds why a statement or a connection has failed in a table of causes
 *     cause_answer.c      makes facts about a failure of the rows of a query
 *
 *   db/postgres/ - PostgreSQL, through libpq
 *     postgres.h          the handle of a connection to PostgreSQL
 *     libpq.h             PostgreSQL's client library, opened when the first connection needs it
 *     libpq_linked.c      the libpq that is in the program itself, instead of libpq_opened.c
 *     libpq_opened.c      opens the libpq of the system when the first connection needs it
 *     properties.c        the properties of a connection as pgjdbc reads them
 *     conninfo.c          JDBC URL, user, password and driver properties to libpq's parameters
 *     connect.c           connects to the first host that answers
 *     errors.c            what the server or libpq said, as pgjdbc would say it
 *     pgjdbc_refusals.c   failures that pgjdbc sees where the server sees none, in its words
 *     listener.c          tells the listener what comes back from the server
 *     wakeup.c            one wake-up for a migration that shares its batch with the row before it
 *     pipeline.c          commands that are sent without waiting in between
 *     own_settings.c      goes back to the role after initSql
 *     query.c             runs SQL of our own, and hands over its rows
 *     lock.c              the advisory lock that cflyway shares with Flyway
 *     catalog.c           schemas, the history table, and what is asked once after connecting
 *     clean.c             drops what is in a schema
 *     begin.c             what begins a migration
 *     send.c              sends the statements of a script
 *     copy.c              COPY … FROM STDIN with the rows of the script
 *     invalid_indexes.c   indexes that a failed CREATE INDEX or REINDEX CONCURRENTLY leaves behind
 *     commit.c            ends a migration: our own role, the history row, COMMIT and the disk
 *     handle.c            the life of a connection's handle
 *     driver.c            the PostgreSQL driver
 *     dry_run.c           what the file of a dry run needs so that psql does what cflyway would do
 *     trial.c             the transaction of a trial on PostgreSQL, and the SQL that watches it
 *     other_products.c    recognises servers that speak PostgreSQL's protocol and are another
 *     pooler.c            a connection pooler that lends a server for one transaction at a time
 *     local_settings.c    what each transaction sets for itself
 *     limits.c            the time limits of scripts
 *     silence.c           tells a server that works from one that is gone (cflyway.networkTimeout)
 *     to_primary.c        keeps a pooler that reads SQL from sending ours to a standby
 *     probe.c             a second
 *     lock_wait.c         says who holds what a statement waits for
 *     session_words.c     another session, in words, for the line that says who is in the way
 *     connect_causes.c    why a connection fails, and what to do
 *     connect_causes.def  why a connection to PostgreSQL fails, and what to do
 *     cause_looks.c       asks the server why a statement has failed
 *     causes.c            why a statement fails, and what to do
 *     causes.def          why a statement fails on PostgreSQL, and what to do
 *     extensions.def      which extension has a type, function or operator class that is missing
 *     versions.def        what needs a newer PostgreSQL, and how an older one refuses it
 *     lock_failure.c      says who was in the way of a statement that failed for it
 *     english.c           what a message of the server is in English
 *     english.def         what the server says in English
 *
 *   db/sqlite/ - SQLite, as sqlite-jdbc uses it
 *     sqlite.h            declarations shared by the files of the SQLite driver
 *     open.c              opens a database file as sqlite-jdbc does
 *     codes.def           maps SQLite's result codes to the messages of sqlite-jdbc 3.49.1
 *     errors.c            reports SQLite's errors in the words of sqlite-jdbc
 *     lock.c              locks a SQLite file against other migrations
 *     catalog.c           handles the schema "main" (others only if attached) and the history table
 *     driver.c            drives SQLite: every statement runs at once
 *     dry_run.c           what the file of a dry run needs so that sqlite3 does what cflyway would
 *     trial.c             the transaction of a trial: savepoints inside BEGIN IMMEDIATE
 *     limits.c            the time limits of scripts
 *     causes.c            why a statement or the opening of a file fails on SQLite, and what to do
 *     causes.def          why a statement or the opening of a file fails on SQLite, and what to do
 *     versions.def        what needs a newer SQLite, and what only other databases have
 *     busy.c              says which other process has locked the database
 *     wait.c              says who is in the way while SQLite waits for a lock on the file
 *
 *   core/ - what commands are made of: plan, execution, callbacks, the states of migrations
 *     run.h               what nearly everything above the database layer needs
 *     session.c           what is known once a command has connected
 *     locations.c         the configured locations, parsed once for all commands of a call
 *     resolve.c           the migrations on disk: the files of the session, read
 *     script_prescan.c    large scripts whose traits were found while their files were summed
 *     migration_state.c   the states of migrations, as one table
 *     info.c              what is known of each migration: file, history row, state
 *     info_make.c         merges files and history: every migration with its state
 *     info_builder.h      the making of a struct info: what its parts share
 *     info_states.c       decides the state of each migration
 *     validate.c          the validation that validate and migrate share
 *     validate_rules.c    what is wrong between files and history (validate)
 *     mismatch_reason.c   explains why files are not what was applied
 *     git_history.c       the versions of a file that git knows
 *     schemas.c           makes what migrations need: missing schemas and the history table
 *     history_lock.c      waiting for the lock on the history table
 *     apply.c             plans what is pending and applies it, until nothing is
 *     plan_warnings.c     what migrate logs about history and files before each migration
 *     step.c              one migration of a plan, on its way from pending to applied
 *     execute.c           runs migrations: script and history row together
 *     execution.h         the state of an executor and of one call of it
 *     step_start.c        what comes before the script of a step: guards, events and lines
 *     step_finish.c       what comes after the script of a step, before its history row
 *     script.c            a migration's file as a stream of statements
 *     script_check.c      what a script is, and whether it may run, found before any of it runs
 *     script_run.c        runs one script
 *     script_traits.h     what one pass over a script tells, before any of it runs
 *     script_listener.c   what the server says while a script runs: notices, results, counts
 *     program_run.c       runs scripts that are not SQL: migrations and callbacks
 *     history_guard.c     the proof that the history still is the one that the plan was made from
 *     history_commit.c    writes the history row of a migration and commits both
 *     flush_delay.c       whether a COMMIT waits for the disk or leaves that to a later one
 *     early_ends.c        what is left of migrations whose scripts have ended their transaction
 *     script_remains.c    what is left of a script that has failed, or has ended its transaction
 *     migration_failure.c what is reported about a migration that failed: whom to blame, what stays
 *     callbacks.c         fires events: runs the scripts that are named after them
 *     callback_script.c   runs one script of a callback
 *     migration_callbacks.c the events of a single migration
 *     result.c            what a command hands to the output
 *     progress_event.c    says how far migrate is, for a program that shows a progress
 *     progress_line.c     the line that people see while a script takes long
 *     history_again.c     reads the history again, after it has changed under a plan
 *     steps_run.c         runs the steps of a plan: one after the other, or as a group
 *     info_taken_back.c   which run a DELETE or undo row takes back
 *     info_undoable.c     finds the undo migration and the undo row of each versioned migration
 *     step_row.c          the history row of a step
 *     undo.c              takes applied migrations back with their undo migrations
 *     undo_candidates.c   what an undo could take back from a database, and when it was applied
 *     undo_plan.c         which migrations an undo takes back, and in which order
 *     info_order.c        the order in which migrations are shown, validated and run
 *     info_picks.c        whether cherryPick names migrations that are there and can be run
 *     trial.c             the dry run that executes (-dryRun=execute)
 *     trial_state.h       a trial that is under way, for the files that work on it
 *     trial_watch.c       the second connection of a trial, and what it sees before and after
 *     trial_result.h      what a dry run that executes has found out
 *     statement_override.c a statement whose errors and notices errorOverrides may change
 *     trial_changes.c     what a statement of a trial has locked, rewritten and changed
 *     trial_account.c     what a trial writes down: statements, their locks, and when
 *     trial_modes.c       the modes of PostgreSQL's locks on tables, and which of them conflict
 *     trial_waits.c       who waits for a trial, and for whom it waits
 *     trial_others.c      locks of other sessions on what a trial has not locked yet
 *     trial_sessions.c    other sessions, as a trial sees them
 *     idle_picks.c        why an item of cherryPick has no effect
 *     info_picked.c       says of every entry whether and where cherryPick names it
 *     trial_rules.c       the locks of what a trial cannot try
 *     trial_rates.c       how many reads and writes of others the locks of a trial would keep
 *     undo_reason.c       why a migration was taken back, as its row in the history says it
 *     commit_outcome.c    finds out how a COMMIT ended whose answer was lost with the connection
 *     validate_pairs.c    finds files of a pair whose other file is missing (validate)
 *     pooler_check.c      refuses scripts that need a session of their own where there is none
 *     pooler_plan.c       refuses what a command will run and a pooler has no session for
 *     migration_limits.c  the time limits and retries of a migration or callback
 *     migration_retry.c   runs a migration again that was in conflict with other sessions
 *     failure_place.c     notes which line and column of its file a failed statement has failed at
 *     standby.c           a standby can only be read
 *     outcome.c           what a command has left in the database, told after a failure
 *     failure_function.c  which line of a function, or of the query that it was running, has failed
 *     failure_text.c      the text of a script that has failed, read once more
 *     interruption.c      says where a signal has ended a run, and what is left of what ran then
 *     commit_failure.c    which script, and which row of it, has made a COMMIT fail
 *
 *   adopt/ - the histories of other tools
 *     format.c            the histories of other tools, as one table
 *     adoption.c          decides which rows the history of another tool becomes
 *     adoption_copy.c     rows of Flyway's form: taken over as they are, and compared
 *     digest.c            checks a file against a checksum that another tool has computed of it
 *     match.c             finds the file of an entry in the history of another tool
 *     old_history.c       what the history of another tool says, in one form for all of them
 *     alembic.c           reads what Alembic prints: its revisions, and their SQL
 *     libcrypto.h         the functions of OpenSSL that compute checksums
 *     libcrypto_linked.c  the libcrypto that is in the program itself
 *     libcrypto_opened.c  opens the libcrypto of the system when the first checksum needs it
 *
 *   commands/ - one operation each; migrate.c reads like the manual
 *     command.h           the commands, one file each in src/commands
 *     commands.c          lists the commands
 *     help.c              prints the usage; output/help.c has the text
 *     version.c           reports the version of cflyway and of its libraries
 *     list_engines.c      list-engines: lists the databases that cflyway can migrate
 *     test_connection.c   testConnection: checks that the database can be reached
 *     info.c              shows what has been applied and what is pending
 *     validate.c          compares the files with the history
 *     baseline.c          puts an existing database under control at a version
 *     migrate.c           applies pending migrations
 *     repair.c            brings the history in line with the files
 *     clean.c             drops all objects in the managed schemas
 *     unsupported.c       lists the verbs that Flyway knows and cflyway refuses
 *     undo.c              takes back the last migrations with their undo migrations
 *     add.c               makes the file of a new migration; new is its short form
 *     init.c              begins a project
 *     auth.c              lets the login step of a pipeline pass: no licence is needed
 *     adopt.c             takes over the history that another tool has left in the database
 *     aliases.c           the verbs
 *     import.c            makes scripts of the migrations of another tool: those of Alembic
 *     new_file_folder.c   chooses the folder of a new file
 *     fresh.c             checks what would be lost before all is dropped and migrated again
 *     explain.c           explains an error code: what it means in a migration, and what to do
 *
 *   output/ - results and failures as text, JSON or a report
 *     output.c            prints results and failures: lines of text, or one JSON document
 *     console.c           writes log lines to a terminal or a file
 *     text.c              prints results as text
 *     wrap.c              wraps text to lines of at most 80 columns
 *     help.c              prints the usage text, generated from the tables of commands and options
 *     json.c              writes JSON as Flyway lays it out
 *     json_results.c      writes results and errors as the documents of -outputType=json
 *     json_error.c        writes the keys "error" and "cflyway" of JSON documents
 *     json_value.c        parses JSON: reports of earlier runs
 *     report.c            writes the report that reportEnabled asks for: NAME.json and NAME.html
 *     report_html.c       writes the report as an HTML page
 *     report_previous.c   reads the results that a report already contains
 *     report_error.c      prints a failure; nothing else does
 *     help_nearest.c      finds the command or option that is closest to a misspelt name
 *     trial_json.c        writes a dry run that executes as a part of a JSON document
 *     trial_text.c        shows a dry run that executes as text
 *     trial_output.h      shows what a dry run that executes has found out
 *     report_notes.c      shows the notes of a failure in the page of a report
 *     report_trial.c      shows a dry run that executes in the page of a report
 *     report_page.c       writes text into the page of a report
 *     output_targets.c    prints how the targets of a run ended: a table, or one JSON document
 *     adopt_output.c      shows what adopt has found, and what it would write or has written
 *     explain_text.c      prints what explain has found: one explanation, or the list of all
 *     repair_output.c     shows the rows that repair would change (-dryRun)
 *     annotation.c        failures as lines that the runner of GitHub Actions shows beside the
 *
 *   main/ - this file: arguments -> settings (of one target or several) -> verbs -> exit status
 *     main.c              cflyway: the Flyway command line for PostgreSQL and SQLite
 *     run_targets.c       runs the same commands on several databases
 *     run_commands.c      runs the verbs of one call, one after the other
 *     signals.c           on Ctrl-C, cancels the running statement and rolls its transaction back
 *     dry_run_place.c     where the file of a dry run may be written
 *     target_schedule.c   decides which target begins next
 *     tenants_query.c     asks a database for its tenants (-tenantsQuery)
 *     check_targets.c     finds the errors of all targets before any of them is changed
 *     fleet.c             one run on several targets: their order and its exit status
 *     fleet_state.h       a run on several targets that is under way, for the files that work on it
 *     fleet_target.c      one target of a run on several: runs it, writes down how it ended
 *     fleet_parallel.c    runs targets in processes of their own, several at the same time
 *     target_frames.c     what the process of a target sends to the process that started it
 *     undo_turns.c        which targets take turns when the last migrations of all of them are
 */
#include "run_commands.h"
#include "run_targets.h"
#include "signals.h"

#include "cflyway/commands/aliases.h"
#include "cflyway/config/args.h"
#include "cflyway/config/hidden_arguments.h"
#include "cflyway/config/settings.h"
#include "cflyway/config/target_options.h"
#include "cflyway/output/help.h"
#include "cflyway/output/output.h"

#include <fcntl.h>
#ifdef __linux__
#include <sys/prctl.h>
#else
#include <sys/resource.h>
#endif
#include <unistd.h>

/*
 * Opens /dev/null instead of a standard stream that the caller closed (cflyway … 1>&-). Otherwise
 * the next file or connection gets its descriptor, and log lines go into the protocol.
 */
static bool open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

/*
 * A core would hold the password, and so would the memory and the environment that other programs
 * of the user could read. This ends with exec: scripts that are programs leave cores as usual.
 */
static void keep_memory_private(void)
{
#ifdef __linux__
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
	setrlimit(RLIMIT_CORE, &(const struct rlimit){0, 0});
#endif
}

/* "help migrate", "migrate -h", "help url". Flyway prints the whole usage for most verbs. */
static void print_help(const struct invocation *invocation, const struct log *log)
{
	for (size_t i = 0; i < invocation->verbs.n; i++) {
		if (i > 0)
			log_info(log, "%s", "");
		help_print_topic(invocation->verbs.items[i], log);
	}
	if (invocation->verbs.n == 0)
		help_print(invocation->help, log);
}

/* A note suggests the call that was probably meant. */
static void note_nearest(struct arena *arena, const struct invocation *invocation,
                         struct error *err)
{
	const char *name = invocation->help ? help_nearest(invocation->unknown)
	                                    : help_meant(arena, invocation->unknown);

	if (name != NULL)
		error_explain(err, NOTE_NEXT, "did you mean \"%s%s\"?",
		              invocation->help ? "help " : "", name);
	else if (invocation->help)
		error_note(err, "\"cflyway help\" lists all commands and options");
}

static int fail_arguments(struct arena *arena, const struct invocation *invocation,
                          struct output *output, struct error *err)
{
	if (invocation->unknown != NULL)
		note_nearest(arena, invocation, err);
	return output_failure(output, arena, NULL, err);
}

static int run(struct arena *arena, const struct invocation *invocation, struct output *output)
{
	struct settings settings;
	struct error err = ERROR_INIT(arena);

	if (invocation->help || invocation->verbs.n == 0) {
		output_begin(output);
		print_help(invocation, &output->log);
		return EXIT_SUCCESS;
	}
	if (target_options_given(invocation))
		return run_targets(arena, invocation, output);
	if (!settings_load(arena, invocation, &environment_process, &output->log, &settings, &err))
		return output_failure(output, arena, NULL, &err);
	if (run_needs_database(&invocation->verbs) &&
	    (!settings_take_variables(arena, &environment_process, &settings, &err) ||
	     !settings_read_password(arena, &output->log, &settings, &err)))
		return output_failure(output, arena, NULL, &err);
	return run_commands(&invocation->verbs, &settings, output);
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena), output_error = ERROR_INIT(&arena);
	struct invocation invocation;
	struct output output;
	char *const *arguments = arguments_hide(&arena, argc, argv);
	int status;

	keep_memory_private();
	if (!open_standard_streams())
		return EXIT_FAILED;
	signals_install();
	bool parsed = args_parse(&arena, argc, arguments, verb_find, &invocation, &err);
	bool opened = output_open(&output, &arena, &invocation, &output_error);

	if (!opened)
		status = output_not_open(&output, &arena, &output_error);
	else if (!parsed)
		status = fail_arguments(&arena, &invocation, &output, &err);
	else
		status = run(&arena, &invocation, &output);
	if (!output_close(&output) && !exit_code_is_failure(status))
		status = EXIT_FAILED;
	arena_release(&arena);
	return status;
}
