"""Settings of an installation: environment and ``muster.toml`` become one frozen Settings.

Each key can be set as ``MUSTER_<KEY>`` in the environment or as ``<key>`` in ``muster.toml`` in the
directory Muster starts in; the environment wins. Paths are relative to that directory. What is
empty counts as not set.
"""

import json
import math
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as UnreadableError

from lib.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds app.py."""

EXPORT_LIMIT = 1_000_000
"""Most profiles one export may hold over all its segments (Dynamics 365's Mailchimp export)."""

LONGEST_S = 7 * 24 * 3_600
"""Longest a query may be allowed to run, in seconds."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT](?:i?B)?)", re.ASCII | re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3})%", re.ASCII)
_LEAST, _MOST = 10**8, 10**15
"""Bytes that memory for queries may be."""


def _split(value: object) -> object:
    """Read a list written on one line: ``ada@example.org, group:Marketing``, or as JSON."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            return json.loads(value)
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _zone(name: str) -> str:
    """Let pass the IANA name of a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {name!r}; name one like Europe/Oslo or UTC"
        ) from None
    return name


def _memory(amount: str) -> str:
    """Let pass a size that the engine understands and can work with, or a share of the memory."""
    amount = amount.strip()
    share = _SHARE.fullmatch(amount)
    if (share and 1 <= int(share[1]) <= 100) or _LEAST <= _bytes(amount) <= _MOST:
        return amount
    raise ValueError(
        "say from 100MB to 1000TB, such as 2GB, or a share of this machine's memory, such as 50%"
    )


def _bytes(size: str) -> float:
    found = _SIZE.fullmatch(size)
    if found is None:
        return 0
    unit = found[2].lower()
    step = 1024.0 if "i" in unit else 1000.0
    return float(found[1]) * math.pow(step, 1 + "kmgt".index(unit[0]))


def _seconds(value: object) -> float:
    """Let pass how long a query may run."""
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f"say how many seconds, more than 0 and at most {LONGEST_S:,} (a week)")
    return seconds


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A TOML list, or on one line with commas in between."""


class Settings(BaseSettings):
    """All of them; the docstring under a field is its help text."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_",
        env_ignore_empty=True,
        allow_inf_nan=False,
        toml_file="muster.toml",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    state: Path = ROOT / "data" / "state"
    """Directory for the store, snapshots and run files."""
    sample: Path = ROOT / "data" / "sample"
    """Directory for the sample company, made on first use."""
    sample_profiles: Annotated[int, Field(ge=100, le=20_000_000)] = 1_200_000
    """How many profiles the sample company has."""
    use_sample: bool = True
    """Offer the sample company while no source has been added."""
    store_url: str = ""
    """SQLAlchemy URL of the store; empty means SQLite in the state directory."""
    secret_key: str = Field(default="", repr=False)
    """Key that encrypts secrets at rest, or ``keyring:NAME`` for one in the operating system's
    keyring; empty means a file in the state directory, mode 0600."""
    query_timeout_s: Annotated[float, BeforeValidator(_seconds)] = 60.0
    """Longest an analyst's query may run, in seconds."""
    query_memory: Annotated[str, AfterValidator(_memory)] = "2GB"
    """Memory for queries before they spill to disk, or a share of the machine's such as 50%."""
    export_limit: Annotated[int, Field(ge=1)] = EXPORT_LIMIT
    """Most profiles one export may hold over all its segments."""
    worker: bool = True
    """Start a worker with the app when none is alive; off where one runs as a service."""
    mailchimp_patience_s: Annotated[float, Field(ge=0)] = 600.0
    """How long a run waits for a Mailchimp that does not answer before it stops, in seconds."""
    practice: bool = True
    """Start the practice Mailchimp with the app."""
    practice_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the practice Mailchimp; 0 picks a free one."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The organisation's time zone: pins dates in queries and schedules."""
    language: Literal["browser", "en", "nb"] = "browser"
    """What the interface speaks until somebody chooses: English, bokmål, or as the browser does."""

    administrators: Names = ()
    """Who signs in as administrator: addresses, and groups written ``group:NAME``."""
    contributors: Names = ()
    """Who signs in as contributor, likewise."""
    viewers: Names = ()
    """Who signs in as viewer, likewise."""
    others: Literal["viewer", "nobody"] = "nobody"
    """What everybody else is whom the identity provider lets sign in."""
    groups_claim: str = "groups"
    """Claim of the identity token that lists a person's groups."""
    sign_in_hours: Annotated[float, Field(gt=0)] = 12.0
    """After so many hours a person signs in again; groups are as of the last time."""
    public_url: str = ""
    """Where people reach this installation; Mailchimp sends them back there after a sign-in, and
    notices link there."""
    smtp_url: str = Field(default="", repr=False)
    """Server that takes mail with notices: ``smtp+starttls://user:password@host:587``,
    ``smtps://user:password@host:465`` or, unencrypted and without password, ``smtp://host:25``."""
    mail_from: str = ""
    """Address that notices come from."""
    mailchimp_client_id: str = ""
    """Of the app registered at Mailchimp (Extras, Registered apps); empty: no OAuth2 sign-in."""
    mailchimp_client_secret: str = Field(default="", repr=False)
    """Of the same app."""
    mailchimp_login: str = "https://login.mailchimp.com"
    """Where the OAuth2 sign-in leads; another one is a practice Mailchimp's address."""
    secret_commands: dict[str, str] = Field(default_factory=dict, repr=False)
    """Commands that print an API key, by name, such as ``vault read -field=key secret/mailchimp``;
    a connection refers to one as ``command:NAME``."""
    secrets_file: Path = ROOT / ".streamlit" / "secrets.toml"
    """File whose table ``[mailchimp]`` holds API keys; a connection refers to one as
    ``secret:NAME``. It is the file that Streamlit reads as well."""
    retention_days: Annotated[int, Field(ge=0)] = 0
    """Days that files with contacts of plans and runs are kept; 0 keeps them for good."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: dict[str, object]) -> dict[str, object]:
        """Leave out what the file says nothing about; an empty path would be this directory."""
        return {name: value for name, value in given.items() if value != ""}

    @property
    def runs_dir(self) -> Path:
        """Where each run keeps its Parquet files."""
        return self.state / "runs"

    @property
    def exports_dir(self) -> Path:
        """Where each export keeps what it learned from its plans and runs, by audience."""
        return self.runs_dir / "exports"

    @property
    def snapshots_dir(self) -> Path:
        """Where each audience's local copy is kept."""
        return self.state / "snapshots"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(**overrides: object) -> Settings:
    """Read the settings, with the overrides on top.

    Raises:
        SettingsError: naming the key and what is wrong with it.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        key = "MUSTER_" + "_".join(str(part) for part in first["loc"]).upper()
        why = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        raise SettingsError(f"The setting {key} cannot be used: {why}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The file muster.toml is no TOML: {error}.") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("The file muster.toml cannot be read as UTF-8 text.") from None
    except UnreadableError:
        raise SettingsError(
            "A setting in the environment cannot be read: MUSTER_SECRET_COMMANDS is a JSON object."
        ) from None
