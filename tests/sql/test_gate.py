"""The gate lets every kind of reading query pass and refuses everything else in one sentence."""

import threading

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import SqlError
from lib.sql import check_select, ident, text
from lib.sql.functions import FUNCTIONS, TABLE_FUNCTIONS
from lib.sql.gate import LONGEST

PASSES = [
    "SELECT 1",
    "select * from profiles",
    "FROM profiles",
    "FROM profiles SELECT email WHERE country = 'NO'",
    "TABLE profiles",
    "VALUES (1), (2)",
    "DESCRIBE profiles",
    "SUMMARIZE profiles",
    "SUMMARIZE SELECT email FROM profiles",
    "(SELECT 1)",
    "WITH a AS (SELECT 1 AS x), b AS MATERIALIZED (FROM a) SELECT * FROM b",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) FROM r",
    "SELECT a FROM t UNION ALL BY NAME SELECT b FROM u EXCEPT SELECT c FROM v",
    "SELECT id FROM t INTERSECT SELECT id FROM u ORDER BY 1 LIMIT 10 OFFSET 2",
    "SELECT count(*) FILTER (WHERE x > 1), sum(y) OVER w FROM t WINDOW w AS (PARTITION BY z)",
    "SELECT *, row_number() OVER (ORDER BY a DESC) AS n FROM t QUALIFY n = 1",
    "SELECT list_transform(tags, lambda x: upper(x)) FROM t",
    "SELECT [x + 1 for x in list_value(1, 2) if x > 1]",
    "FROM (PIVOT orders ON status IN ('paid', 'open') USING sum(amount))",
    "UNPIVOT t ON a, b INTO NAME n VALUE v",
    "SELECT * FROM t USING SAMPLE 10%",
    "SELECT * FROM t TABLESAMPLE reservoir(20 ROWS)",
    "SELECT * EXCLUDE (a) REPLACE (b + 1 AS b) FROM t ASOF JOIN u USING (x)",
    "SELECT COLUMNS('name_.*') FROM t POSITIONAL JOIN u",
    "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b",
    "SELECT a, grouping(a) FROM t GROUP BY ROLLUP (a)",
    "SELECT unnest([1, 2]), x FROM range(10) AS r(x), LATERAL (SELECT x + 1)",
    "SELECT quantile_cont(x, 0.5), mode() WITHIN GROUP (ORDER BY x) FROM t",
    "SELECT email.lower().trim(), d::DATE, try_cast(a AS INT), {'k': 1}.k, m['x'] FROM t",
    "SELECT CASE WHEN a THEN 1 ELSE 2 END, coalesce(a, b), nullif(a, b), a IS DISTINCT FROM b",
    "SELECT current_date, now() - INTERVAL 90 DAY, extract(year FROM d), d AT TIME ZONE 'UTC'",
    "SELECT a LIKE 'x%' ESCAPE '!', a ILIKE 'b', a SIMILAR TO 'c', a ~ 'd', a GLOB 'e*' FROM t",
    "SELECT a->>'$.b', json_extract(a, '$.c'), to_json(t) FROM t",
    "SELECT * FROM json_each('[1, 2]')",
    "SELECT * FROM main.profiles",
    "SELECT '; DROP TABLE x' AS \"copy (;) to\" -- ; and a comment",
    "SELECT 'read_csv(''/etc/passwd'')'",
    "SELECT * FROM t WHERE a = ? AND b = $2",
    "SELECT æøå FROM \"kunder ø\" WHERE navn = '日本'",
    "SELECT a FROM t WHERE EXISTS (FROM u WHERE u.id = t.id) AND b IN (SELECT c FROM v)",
    "SELECT array(SELECT 1), row(1, 2), map {'a': 1}",
    "SELECT repeat('-', 20), lpad(code, 5, '0'), printf('%05.2f', x), format('{:>9}', y) FROM t",
    "SELECT format('{} since 2024 * {{9999 {:*>9}}}', x), printf('%s since 2024 * 100%% 2024', x)",
    "SELECT d FROM generate_series(DATE '2026-01-01', DATE '2026-12-31', INTERVAL 1 DAY) AS s(d)",
    "SELECT x FROM range(1000000000) AS r(x) WHERE x IN (SELECT unnest(range(5, 10)))",
]


@pytest.mark.parametrize("query", PASSES)
def test_a_reading_query_passes(query: str) -> None:
    assert check_select(query) in query


@pytest.mark.parametrize("query", PASSES)
def test_what_passed_can_stand_in_brackets_and_passes_again(query: str) -> None:
    once = check_select(f"\n  {query} ; -- the end ;\n/* ; */ ;; ")
    assert check_select(once) == once
    if "COLUMNS" not in query:
        check_select(f"SELECT count(*) FROM ({once})")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "no query yet"),
        (" \n\t", "no query yet"),
        ("-- only this", "only comments"),
        (";;", "only comments"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT 1; DROP TABLE t", "2 statements"),
        ("DROP TABLE profiles", "DROP is not a query"),
        ("/* x */ -- y\n insert into t values (1)", "INSERT is not a query"),
        ("EXPLAIN SELECT 1", "EXPLAIN is not a query"),
        ("EXPLAIN ANALYZE SELECT 1", "EXPLAIN is not a query"),
        ("SHOW TABLES", "DESCRIBE"),
        ("SHOW DATABASES", "DESCRIBE"),
        ("PIVOT orders ON status USING sum(amount)", "needs its values listed"),
        ("SELECT frm FROM t WHERE", "line 1"),
        ("SELECT 1\x00", "null character"),
        ("SELECT '" + "x" * LONGEST + "'", "characters"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "too deeply"),
        ("SELECT " + "||".join("a" * 400) + " FROM t", "too deeply"),
        ("SELECT uper(email) FROM t", "did you mean upper()"),
        ("WITH x AS (INSERT INTO t VALUES (1) RETURNING *) FROM x", "holds INSERT"),
        ("WITH x AS (DELETE FROM t RETURNING *) FROM x", "holds DELETE"),
        ("WITH x AS (UPDATE t SET a = 1 RETURNING *) FROM x", "holds UPDATE"),
        ("CONNECT 'a.db'", "CONNECT is not a query"),
        ("disconnect", "DISCONNECT is not a query"),
        ("SELECT * FROM 'x.csv'", "cannot read files by name"),
        ("SELECT * FROM information_schema.tables", "belongs to the engine"),
        ("SELECT * FROM duckdb_settings", "belongs to the engine"),
        ("SELECT repeat('x', 2000000000)", "at most 10,000"),
        ("SELECT 'x'.repeat(n) FROM t", "at most 10,000"),
        ("SELECT rpad('x', 1000 * 1000 * 1000, 'y')", "at most 10,000"),
        ("SELECT repeat(repeat('x', 5000), 1e9)", "at most 10,000"),
        ("SELECT len(range(2000000000))", "written numbers up to 100,000"),
        ("SELECT sum(list_sum(range(n))) FROM t", "written numbers up to 100,000"),
        ("FROM unnest(generate_series(1, 1000000000))", "written numbers up to 100,000"),
        ("FROM range(10, (SELECT len(range(2000000000))))", "written numbers"),
        ("SELECT printf('%2000000000d', 1)", "widths below 1,000"),
        ("SELECT printf('100%%%*d', 2000000000, 1)", "widths below 1,000"),
        ("SELECT printf('%1$2000000000d', 1)", "widths below 1,000"),
        ("SELECT printf('%.2000000000f', 1.5)", "widths below 1,000"),
        ("SELECT format('{:>{}}', 'x', 2000000000)", "widths below 1,000"),
        ("SELECT format('{{{:>{}}', 'x', 2000000000)", "widths below 1,000"),
        ("SELECT format('{:.2000000000f}', 1.5)", "widths below 1,000"),
        ("SELECT bar(1, 0, 1, 1000000000)", "at most 1,000"),
    ],
)
def test_what_is_not_one_query_is_refused_in_one_sentence(query: str, says: str) -> None:
    with pytest.raises(SqlError) as refused:
        check_select(query)
    assert says in str(refused.value)
    assert str(refused.value).endswith((".", "?"))
    assert "\n" not in str(refused.value)


def test_a_syntax_error_names_line_and_column_counted_in_characters() -> None:
    with pytest.raises(SqlError, match=r"line 3, column 7"):
        check_select("SELECT\n  'æøå日本', a FROM t\nWHERE (")


def test_every_function_allowed_is_one_the_engine_has() -> None:
    with duckdb.connect() as engine:
        rows = engine.execute("SELECT DISTINCT lower(function_name) FROM duckdb_functions()")
        there = {str(row[0]) for row in rows.fetchall()}
    assert there >= FUNCTIONS | TABLE_FUNCTIONS - {"unnest"}


REACHING = """
    getenv current_setting getvariable nextval currval setval setseed sleep_ms pg_sleep
    write_log which_secret query query_table read_csv read_csv_auto read_parquet parquet_scan
    read_json read_json_auto read_json_objects read_ndjson read_text read_blob read_duckdb glob
    sniff_csv parquet_metadata parquet_schema duckdb_settings duckdb_secrets duckdb_databases
    duckdb_extensions duckdb_logs duckdb_views duckdb_tables pragma_version pragma_user_agent
    pragma_database_size json_execute_serialized_sql json_serialize_sql json_serialize_plan
    sql_auto_complete arrow_scan pandas_scan python_map_function pg_get_viewdef
    truncate_duckdb_logs force_checkpoint copy_database import_database stats
    create_external_resource duckdb_functions test_all_types
"""


def test_no_function_that_reaches_out_is_allowed() -> None:
    assert not set(REACHING.split()) & (FUNCTIONS | TABLE_FUNCTIONS)


def test_the_gate_can_be_asked_from_many_threads_at_once() -> None:
    refused: list[str] = []

    def ask(number: int) -> None:
        for turn in range(40):
            check_select(f"SELECT {number} + {turn}")
            try:
                check_select(f"SELECT {number} {turn} FROM FROM")
            except SqlError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 240


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_either_a_query_or_refused_in_a_sentence(query: str) -> None:
    try:
        passed = check_select(query)
    except SqlError as error:
        assert str(error)
        assert "\n" not in str(error).replace(query, "")
    else:
        assert check_select(f"SELECT * FROM ({passed})")


ENGINE = duckdb.connect()
VERBS = ["COPY t TO 'x'", "ATTACH 'x'", "INSTALL x", "LOAD x", "SET x = 1", "PRAGMA x", "CALL x()",
         "CREATE TABLE x (a INT)", "DELETE FROM t", "UPDATE t SET a = 1", "VACUUM", "USE x",
         "EXPORT DATABASE 'x'", "PREPARE p AS SELECT 1", "BEGIN", "CHECKPOINT"]  # fmt: skip
BLANKS = st.sampled_from(["", " ", "\n", "/* SELECT */ ", "-- SELECT 1\n", "\t", "/* ; */"])


@settings(deadline=None)
@given(st.sampled_from(VERBS), BLANKS, BLANKS, st.booleans())
def test_no_comment_blank_or_case_lets_a_command_pass(
    verb: str, before: str, after: str, lower: bool
) -> None:
    command = before + (verb.lower() if lower else verb) + after
    for query in (command, f"SELECT 1;{command}", f"{command};SELECT 1", f"SELECT 1\n;{command};"):
        with pytest.raises(SqlError):
            check_select(query)


READERS = ["read_csv", "read_text", "glob", "query", "duckdb_settings", "parquet_metadata",
           "which_secret", "pragma_version", "sniff_csv"]  # fmt: skip
PLACES = ["FROM {f}", "SELECT (SELECT count(*) FROM {f})", "WITH a AS (FROM {f}) FROM a",
          "SELECT 1 WHERE EXISTS (FROM {f})", "SELECT 1 UNION ALL SELECT 2 FROM {f}",
          "FROM t JOIN {f} ON true", "FROM (FROM (FROM {f}))", "DESCRIBE FROM {f}",
          "SUMMARIZE FROM {f}", "FROM (PIVOT (FROM {f}) ON a IN (1) USING count(*))",
          "SELECT * FROM t ORDER BY (SELECT 1 FROM {f})", "FROM t LIMIT (SELECT 1 FROM {f})",
          "SELECT list_transform([1], lambda x: (SELECT 1 FROM {f}))",
          "SELECT CASE WHEN a THEN (SELECT 1 FROM {f}) END FROM t", "VALUES ((SELECT 1 FROM {f}))",
          "SELECT sum(a) OVER (ORDER BY (SELECT 1 FROM {f})) FROM t",
          "SELECT count(*) FILTER (WHERE (SELECT true FROM {f})) FROM t",
          "SELECT a FROM t GROUP BY a HAVING (SELECT true FROM {f})",
          "SELECT a FROM t QUALIFY (SELECT true FROM {f})", "FROM t, LATERAL (FROM {f})",
          "WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM {f}) FROM r"]  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(READERS), st.sampled_from(PLACES), st.booleans(), st.booleans())
def test_nothing_hides_a_function_that_reaches_out(
    name: str, place: str, upper: bool, quoted: bool
) -> None:
    written = name.upper() if upper else name
    written = ident(written) if quoted else written
    with pytest.raises(SqlError):
        check_select(place.replace("{f}", f"{written}('x')"))


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_a_quoted_value_stays_a_value(value: str) -> None:
    assert ENGINE.execute(f"SELECT {text(value)}").fetchall() == [(value,)]


@settings(deadline=None)
@given(
    st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40
    )
)
def test_a_quoted_name_stays_a_name(name: str) -> None:
    assert ENGINE.sql(f"SELECT 1 AS {ident(name)}").columns == [name]
