"""Settings of an installation: environment and ``muster.toml`` become one frozen Settings.

Each key can be set as ``MUSTER_<KEY>`` in the environment or as ``<key>`` in ``muster.toml`` in the
directory Muster starts in; the environment wins. Paths are relative to that directory.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from lib.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds app.py."""

EXPORT_LIMIT = 1_000_000
"""Most profiles one export may hold over all its segments (Dynamics 365's Mailchimp export)."""


class Settings(BaseSettings):
    """All of them; the docstring under a field is its help text."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_",
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
    """Key that encrypts secrets at rest; empty means a file in the state directory, mode 0600."""
    query_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Longest an analyst's query may run, in seconds."""
    query_memory: str = "2GB"
    """Memory for queries before they spill to disk."""
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
    time_zone: str = "UTC"
    """The organisation's time zone: pins dates in queries and schedules."""

    @property
    def runs_dir(self) -> Path:
        """Where each run keeps its Parquet files."""
        return self.state / "runs"

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
        raise SettingsError(f"The setting {key} cannot be used: {first['msg']}.") from None
