from pathlib import Path

import pytest

from lib.errors import SettingsError
from lib.store.references import Places, read


def test_a_key_is_read_from_the_table_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text('[mailchimp]\nmain = "abc-us1"\n')
    assert read("secret:main", Places(file=file)) == "abc-us1"


def test_a_file_that_is_no_toml_is_named_without_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text("[mailchimp]\nmain = abc-us1\n")
    with pytest.raises(SettingsError, match=r"secrets\.toml cannot be read as TOML") as caught:
        read("secret:main", Places(file=file))
    assert "abc" not in str(caught.value).replace(str(tmp_path), "")


def test_a_file_that_is_not_there_holds_no_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no API key at secret:main"):
        read("secret:main", Places(file=tmp_path / "secrets.toml"))
