# SPDX-License-Identifier: Apache-2.0
"""Which recorded cases and which tests of compat-tests fit a source file.

Every row whose expression is found in the path of the file counts; a file without a row is tried
with all cases.  Files that all verbs run through have no row on purpose.
"""
import re

ROWS = (
    # path, cases (as for compat-tests/run -k), tests of compat-tests
    (r"undo|taken_back|step_row|history_again", "undo-*", "undo_test.py"),
    (r"dry_run|client_command", "", "dry_run_test.py dry_run_traps_test.py dry_run_promises_test.py"),
    (r"trial", "", "dry_run_execute_test.py dry_run_others_test.py"),
    (r"cherry_pick|info_picks", "", "undo_test.py"),
    (r"error_overrides|statement_override", "error-overrides*", ""),
    (r"commands/(add|init)|next_(name|version)|conf_to_toml", "add init", "init_test.py"),
    (r"layout|part_|_part|comment_lines", "layout-* up-down-markers", "layouts_test.py"),
    (r"seeds", "seed*", ""),
    (r"executors|command_line", "executor-* undo-script-*", ""),
    (r"should_execute|script_conditions", "should-*", "should_execute_test.py"),
    (r"mismatch|git_history|checksum_variants|comment_strip", "mismatch-* layout-*",
     "mismatch_test.py"),
    (r"repair_output", "repair-dry-run*", ""),
    (r"callback", "*callback* undo-files-oss should-*", ""),
    (r"core/(apply|execute|execution|step|migration_|result)|failure",
     "tx-* failed-* group-* error-* happy-path repeatable* sqlite-* json-migrate* callback-* "
     "mixed* copy* script-* notices* query-* iot*", ""),
    (r"core/(script|program)",
     "script-* mixed* failed-* sqlite-* copy* error-* placeholders*", ""),
    (r"listener|result_log|copy\.c|copy_data",
     "copy* query-* notices* error-* returning tx-* sqlite-results init-sql* pg-dump*", ""),
    (r"[/_]lock",
     "lock-* *locked* *session-lock* *sessionlock* group-* happy-path tx-unlock* tx-discard*",
     "faults_test.py"),
    (r"durab|flush|commit",
     "tx-* group-* failed-* happy-path vacuum index-* script-* sqlite-*", "durability_test.py"),
    (r"index", "index-*", ""),
    (r"pooler|local_settings|session_effect", "pooler-* init-sql*", "torture/pgbouncer_test.py"),
    (r"standby|to_primary|silence", "",
     "torture/failover_test.py network_timeout_test.py"),
    (r"progress", "output-progress", "progress_test.py"),
    (r"core/(info|plan|state|migration_state|check|validate)|commands/(info|validate)|history",
     "*info* *validate* out-of-order* missing* deleted* future* ignore-* target* repeat* "
     "baseline* b-* checksum* description* type-* failed-* *mismatch* installed* undo-* below* "
     "empty-* json-* non-* manual-* legacy* history-* happy-path no-migrations", ""),
    (r"schema|session|role",
     "*schema* search-path* session-* role-* non-empty* history-* create-* empty-* custom-* "
     "init-* callback-connections* tablespace sqlite-*", ""),
    (r"resolve|prescan|script_check|migration/",
     "naming duplicate-* location* scripts-* script-* file-* missing-* moved-* callback-* "
     "encoding-* placeholders-* repeatable* skip-* should-* error-* checksum* versions empty-* "
     "migration-ids validate-* executeIn* mixed*", ""),
    (r"commands/baseline", "*baseline*", ""),
    (r"clean", "*clean*", "dry_run_traps_test.py"),
    (r"commands/repair",
     "*repair* failed-* checksum-* deleted-* missing-* *mismatch* callback-fails-* json-*verbs "
     "legacy* empty-*", ""),
    (r"commands/migrate",
     "happy-path *baseline* target* out-of-order* group-* json-migrate* non-* callback-* "
     "failed-* sqlite-happy create-* validate-* locations-none no-migrations", ""),
    (r"commands/(help|version|list|test|unsupp|commands)|output/(help|wrap)",
     "help-* versions list-* banner* undo-* json-* command-line two-verbs java-* color-*",
     "readme_test.py"),
    (r"db/postgres/(connect|conninfo|properties|libpq|pgjdbc|url)|db/(url|service)",
     "url-* pg-* config-url* json-connection passwords installed-by session-* application-name "
     "error-database driver-class java-*", "faults_test.py"),
    (r"db/postgres/(pipeline|send|wakeup|query|guard|begin|driver|errors|phase)",
     "tx-* copy* error-* group-* failed-* notices* query-* session-* role-* "
     "callback-connections* search-path-* index-* vacuum lock-* quotes-* happy-path script-*",
     "faults_test.py"),
    (r"db/postgres/catalog",
     "*schema* clean* history-* search-path* installed-by no-priv* role-* non-empty* info-* "
     "happy-path", ""),
    (r"db/sqlite", "sqlite-* json-sqlite", ""),
    (r"src/sql/",
     "split-* sqlite-* placeholders* copy* tx-* mixed-* pg-dump* statement-* encoding-* "
     "script-* executeIn* vacuum index-* query-*", "splitter_exceptions_test.py"),
    (r"config/toml|environments|resolvers", "toml-* options-toml targets-toml config-* home-*", ""),
    (r"config/|main/run_targets",
     "config-* options-* toml-* target* home-* command-line placeholders* variables-* color-* "
     "json-errors* *-conf java-*", "switching_test.py"),
    (r"targets|target_|tenants|fleet", "targets*", "tenants_test.py"),
    (r"output/report_error|base/(error|excerpt)",
     "error-* json-errors* failed-* *-fails* split-unterm* statement-* java-*", ""),
    (r"output/report", "report*", ""),
    (r"output/(json|output|console)", "json-* output-* banner* color-* targets-json toml-json", ""),
    (r"output/text",
     "*info* banner* help-* happy-path *validate* *clean* *repair* *baseline* group-* target*", ""),
    (r"base/(charset|utf8)", "encoding-* sqlite-bad-text config-* long-description info-*", ""),
    (r"base/(table|clock)", "*info* repeatable* target*", ""),
    (r"base/crc32", "checksum* happy-path info-*", ""),
    (r"base/spool", "query-* statement-too-long copy* sqlite-results", ""),
    (r"base/proc", "script-* location-* sqlite-scripts", "faults_test.py"),
)


def cases_for(path):
    """(globs, tests) of a file; no globs at all stand for all cases."""
    globs, tests = [], []
    for expression, cases, scripts in ROWS:
        if re.search(expression, path):
            globs += [glob for glob in cases.split() if glob not in globs]
            tests += [test for test in scripts.split() if test not in tests]
    return globs, tests
