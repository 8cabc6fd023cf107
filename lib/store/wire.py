"""Data matching and options as JSON, and back; what a newer version added is left out."""

from typing import Any

from pydantic import TypeAdapter

from lib.contacts.matching import Matching
from lib.contacts.options import Options

_MATCHING = TypeAdapter(Matching)
_OPTIONS = TypeAdapter(Options)


def from_matching(matching: Matching) -> dict[str, Any]:
    """Write data matching as a JSON object."""
    written: dict[str, Any] = _MATCHING.dump_python(matching, mode="json")
    return written


def matching_from(written: dict[str, Any]) -> Matching:
    """Read data matching from a JSON object."""
    return _MATCHING.validate_python(written)


def from_options(options: Options) -> dict[str, Any]:
    """Write options as a JSON object."""
    written: dict[str, Any] = _OPTIONS.dump_python(options, mode="json")
    return written


def options_from(written: dict[str, Any]) -> Options:
    """Read options from a JSON object; what is missing has its default."""
    return _OPTIONS.validate_python(written)
