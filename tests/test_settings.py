"""Settings: what is empty counts as not set, and what cannot work is said at the start."""

from pathlib import Path

import pytest

from lib.errors import SettingsError
from lib.settings import Settings, load

USUAL = Settings()


@pytest.fixture(autouse=True)
def no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start where no muster.toml lies."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["state", "sample", "worker", "practice_port", "language"])
def test_an_empty_variable_counts_as_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MUSTER_{name.upper()}", "")
    assert load() == USUAL


def test_an_empty_variable_leaves_the_file_its_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "muster.toml").write_text('query_memory = "3GB"\nstate = ""\n', "utf-8")
    monkeypatch.setenv("MUSTER_QUERY_MEMORY", "")
    assert load() == USUAL.model_copy(update={"query_memory": "3GB"})


@pytest.mark.parametrize("size", ["500MB", "2 GB", "1.5gib", "2G", "512M", "50%", "100%", " 4GB "])
def test_memory_is_a_size_or_a_share(size: str) -> None:
    assert load(query_memory=size).query_memory == size.strip()


@pytest.mark.parametrize(
    "size",
    ["lots", "2", "GB", "-1", "0GB", "1KB", "150%", "0%", "9999999TB", "none", "1e3GB", "２GB"],
)
def test_other_memory_is_refused_with_what_is_allowed(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_QUERY_MEMORY", size)
    with pytest.raises(SettingsError, match=r"MUSTER_QUERY_MEMORY .* such as 2GB, .* such as 50%"):
        load()


@pytest.mark.parametrize("seconds", ["inf", "nan", "-5", "0", "1e300", "soon"])
def test_a_time_that_never_comes_is_refused_with_what_is_allowed(
    seconds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_QUERY_TIMEOUT_S", seconds)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == (
        "The setting MUSTER_QUERY_TIMEOUT_S cannot be used: "
        "say how many seconds, more than 0 and at most 604,800 (a week)."
    )


@pytest.mark.parametrize("name", ["mailchimp_patience_s", "sign_in_hours"])
@pytest.mark.parametrize("value", ["inf", "nan"])
def test_no_setting_is_endless_or_no_number(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MUSTER_{name.upper()}", value)
    with pytest.raises(
        SettingsError, match=rf"MUSTER_{name.upper()} .*: it should be a finite number\.$"
    ):
        load()
