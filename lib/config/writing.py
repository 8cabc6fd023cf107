"""A configuration as the text of a TOML file, with a word wherever a key has to be supplied."""

from typing import Any

import tomli_w

from lib.config.configuration import ChannelTable, Configuration, ConnectionTable, Table

HEAD = """\
# Written by muster export-config; muster apply makes an installation what it says.
# What is left out is at its default where a thing is new, and left alone where it is there.
# It holds no keys: put each into the environment variable named for it.
# That an export may run by itself (approve_rules) is a person's word, so it is not written here.
"""


def write(configuration: Configuration) -> str:
    """Return the text; ``configuration.parse`` reads the same from it, but for approvals."""
    top: dict[str, Any] = {}
    if configuration.refresh is not None:
        top["refresh"] = configuration.refresh
    if configuration.retention_days is not None:
        top["retention_days"] = configuration.retention_days
    lists: tuple[tuple[str, tuple[Table, ...]], ...] = (
        ("sources", configuration.sources),
        ("connections", configuration.connections),
        ("segments", configuration.segments),
        ("exports", configuration.exports),
        ("channels", configuration.channels),
    )
    tables = [_table(noun, table) for noun, listed in lists for table in listed]
    return "\n".join([HEAD, tomli_w.dumps(top), *tables])


def _table(noun: str, table: Table) -> str:
    values = table.model_dump(mode="json", exclude_defaults=True, exclude={"approve_rules"})
    if isinstance(table, ConnectionTable):
        # Saying nothing about consent asks for it; saying no keeps a connection without it.
        values["i_agree"] = table.i_agree
    return f"{_hint(table)}[[{noun}]]\n{_body(noun, values)}"


def _body(path: str, values: dict[str, Any]) -> str:
    """Write the values of a table, then the tables in it, each under its whole path."""
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    # Several lines are easier to read, but the end of a line may come back as another one.
    text = tomli_w.dumps(plain, multiline_strings="\r" not in "".join(map(str, plain.values())))
    for key, value in values.items():
        if isinstance(value, dict):
            spelt = tomli_w.dumps({key: 0}).removesuffix(" = 0\n")
            within = f"{path}.{spelt}"
            text += f"\n[{within}]\n{_body(within, value)}"
    return text


def _hint(table: Table) -> str:
    if isinstance(table, ConnectionTable) and table.api_key_env:
        return f"# Supply the API key in {table.api_key_env} where this connection is new.\n"
    if isinstance(table, ChannelTable) and table.url_env:
        return f"# Supply the webhook's URL in {table.url_env} where this channel is new.\n"
    return ""
