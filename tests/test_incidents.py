"""Incidents: where an unexpected error came from, and never its words."""

import pytest

from lib import incidents


def test_an_unexpected_error_is_logged_by_its_place_and_never_by_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    try:
        int("ada@lovelace.no")
    except ValueError as error:
        incident = incidents.record(error, "reading a number")
    assert f"Incident {incident}, reading a number: ValueError at test_incidents.py" in caplog.text
    told = "".join(record.getMessage() for record in caplog.records)
    assert "invalid literal" not in told
    assert "lovelace" not in told
