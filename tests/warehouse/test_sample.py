import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from lib.errors import InputError, StorageError
from lib.warehouse import sample
from lib.warehouse.sample.people import ANCHOR
from lib.warehouse.sample.places import COUNTRIES


def rows(directory: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        for source in sample.make(directory, 3_000):
            connection.execute(f"CREATE VIEW {source.name} AS FROM '{source.location}'")
        return connection.execute(query).fetchall()


def digests(directory: Path, profiles: int) -> list[str]:
    sources = sample.make(directory, profiles)
    return [hashlib.sha256(Path(source.location).read_bytes()).hexdigest() for source in sources]


def test_two_makings_give_the_same_bytes(tmp_path: Path) -> None:
    assert digests(tmp_path / "one", 2_000) == digests(tmp_path / "two", 2_000)


def test_it_is_made_once_and_then_only_found(sample_dir: Path) -> None:
    told: list[float] = []
    first = sample.make(sample_dir, 3_000, lambda share, _: told.append(share))
    assert [source.name for source in first] == ["profiles", "orders", "products", "events"]
    assert [source.key for source in first] == ["profile_id", "", "", ""]
    assert told == []


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    told: list[float] = []
    sample.make(tmp_path, 100, lambda share, _: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_making_that_was_killed_counts_for_nothing_and_is_made_anew(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lib.warehouse import sample;"
        "sample.make(Path(sys.argv[1]), 30_000, lambda share, what: print(what, flush=True))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "writing orders" in line:
                os.kill(process.pid, signal.SIGKILL)
                break
    assert not list(tmp_path.glob("company-*"))
    assert list(tmp_path.glob(".making/*.parquet"))
    sources = sample.make(tmp_path, 500)
    assert all(Path(source.location).is_file() for source in sources)
    assert not (tmp_path / ".making").exists()


def test_a_file_that_went_missing_is_made_again(tmp_path: Path) -> None:
    before = digests(tmp_path, 200)
    Path(sample.make(tmp_path, 200)[1].location).unlink()
    assert digests(tmp_path, 200) == before


def test_two_processes_that_make_it_at_once_end_with_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lib.warehouse import sample;"
        "sample.make(Path(sys.argv[1]), 2_000)"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert len(list(tmp_path.glob("company-*"))) == 1


def test_sizes_live_side_by_side_and_nonsense_is_refused(tmp_path: Path) -> None:
    sample.make(tmp_path, 100)
    sample.make(tmp_path, 101)
    assert len(list(tmp_path.glob("company-*"))) == 2
    with pytest.raises(InputError):
        sample.make(tmp_path, 0)


def test_a_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        sample.make(tmp_path / "file", 100)


def test_lifetime_value_and_order_count_agree_with_the_orders(sample_dir: Path) -> None:
    query = """
        SELECT count(*) FROM profiles AS p LEFT JOIN (
            SELECT profile_id, count(*) AS many,
                sum(amount) FILTER (status NOT IN ('returned', 'cancelled')) AS spent
            FROM orders GROUP BY 1) AS o USING (profile_id)
        WHERE p.lifetime_value <> coalesce(o.spent, 0) OR p.order_count <> coalesce(o.many, 0)
    """
    assert rows(sample_dir, query) == [(0,)]


def test_orders_and_events_belong_to_profiles_and_products_and_to_their_time(
    sample_dir: Path,
) -> None:
    query = f"""
        SELECT
            (SELECT count(*) FROM orders ANTI JOIN profiles USING (profile_id)),
            (SELECT count(*) FROM orders ANTI JOIN products USING (product_id)),
            (SELECT count(*) FROM events ANTI JOIN profiles USING (profile_id)),
            (SELECT count(*) FROM orders JOIN profiles USING (profile_id)
             WHERE ordered_at > {ANCHOR} OR ordered_at < created_at - INTERVAL 1 SECOND),
            (SELECT count(*) FROM profiles WHERE last_seen_at < created_at
             OR last_seen_at > {ANCHOR}),
            (SELECT count(*) - count(DISTINCT profile_id) FROM profiles)
    """
    assert rows(sample_dir, query) == [(0, 0, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    "dirt",
    [
        "email IS NULL",
        "email = ''",
        "email <> '' AND email NOT LIKE '%@%'",
        "email <> trim(email)",
        "email <> lower(email)",
        "email = upper(email) AND email LIKE '%@%'",
        "email LIKE '%@%@%' OR email LIKE '%..%' OR email LIKE '%.'",
        "email LIKE '%@example.%' OR email LIKE '%@test.com' OR email LIKE '%.test'",
        "first_name IS NULL",
        "first_name = ''",
        "first_name <> trim(first_name)",
        "first_name = upper(first_name) AND length(first_name) > 2",
        "length(first_name) > 255 OR length(last_name) > 255",
        "country <> upper(country)",
        "birthday < DATE '1901-01-01' OR birthday > DATE '2030-01-01'",
        "phone = 'n/a'",
        "consent_email IS NULL",
        "NOT regexp_matches(first_name, '[a-zA-Z]')",
        "first_name SIMILAR TO '[А-Яа-яіїєґ]+'",
        "first_name SIMILAR TO '[α-ωΑ-Ωά-ώ]+'",
        "first_name SIMILAR TO '.*[åøæöäéèçłńşğıíáðþ].*'",
        "lower(trim(email)) IN (SELECT lower(trim(email)) FROM profiles WHERE email LIKE '%_@_%' "
        "GROUP BY 1 HAVING count(*) > 1)",
    ],
)
def test_the_data_have_the_dirt_of_real_data_but_not_much_of_each(
    sample_dir: Path, dirt: str
) -> None:
    ((found,),) = rows(sample_dir, f"SELECT count(*) FILTER ({dirt}) FROM profiles")
    assert isinstance(found, int)
    assert 0 < found < 3_000 * 0.45


def test_most_addresses_are_good_and_the_weights_of_the_countries_add_up(
    sample_dir: Path,
) -> None:
    good = r"regexp_full_match(email, '[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]{2,}')"
    ((share,),) = rows(sample_dir, f"SELECT avg(({good})::INT) FROM profiles")
    assert isinstance(share, float)
    assert share > 0.85
    assert sum(country.weight for country in COUNTRIES) == 1_000


@pytest.mark.slow
def test_the_full_company_is_made_in_seconds_and_stays_moderate(tmp_path: Path) -> None:
    started = time.monotonic()
    sources = sample.make(tmp_path, 1_200_000)
    assert time.monotonic() - started < 60
    assert sum(Path(source.location).stat().st_size for source in sources) < 400_000_000


def test_some_customers_get_the_newsletter_already_with_what_was_known_of_them_then(
    sample_dir: Path,
) -> None:
    members = rows(
        sample_dir,
        f"""SELECT s.status, s.merge_fields.FNAME = trim(p.first_name)
        FROM '{sample.subscribers(sample_dir, 3_000)}' AS s
        JOIN (SELECT * FROM profiles QUALIFY row_number() OVER
            (PARTITION BY lower(trim(email)) ORDER BY profile_id) = 1) AS p
            ON lower(trim(p.email)) = lower(s.email_address)""",
    )
    file = sample.subscribers(sample_dir, 3_000)
    assert len(members) == len(file.read_text("utf-8").splitlines()) > 30
    assert {"subscribed", "unsubscribed", "cleaned"} <= {status for status, _ in members}
    assert {True, False} <= {as_now for _, as_now in members}
