"""What an installation is configured to be, in the tables that a configuration file has."""

import re
import unicodedata

from lib.access import Action, require
from lib.config import Office, feeding
from lib.config.configuration import (
    NO_LIMIT,
    ChannelTable,
    Configuration,
    ConnectionTable,
    ExportTable,
    SegmentTable,
    SourceTable,
)
from lib.errors import RuleError
from lib.runs.keeping import retention
from lib.segments.document import from_json, to_json
from lib.store import channels, connections, exports, kept_keys, refresh, segments, sources
from lib.store.channels import Channel
from lib.store.connections import Connection
from lib.store.exports import Export
from lib.store.segments import Segment


def describe(office: Office) -> Configuration:
    """Return the configuration of an installation, without any key.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(office.who, Action.EDIT_SYSTEM)
    store, who = office.store, office.who
    names = {one.id: one.name for one in segments.all(store, who)}
    return Configuration(
        refresh=refresh.get(store).cron,
        retention_days=retention.days(store, office.settings),
        sources=tuple(
            SourceTable(name=one.name, location=one.origin or one.location, key=one.key)
            for one in sources.all(store, who)
        ),
        connections=tuple(_connection(office, one) for one in connections.all(store, who)),
        segments=tuple(map(_segment, segments.all(store, who))),
        exports=tuple(_export(one, names) for one in exports.all(store, who)),
        channels=tuple(map(_channel, channels.all(store, who))),
    )


def variable(prefix: str, name: str) -> str:
    """Name an environment variable after a thing: ``MAILCHIMP_KEY_MAIN_ACCOUNT``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_")
    return f"{prefix}_{words}" if words else prefix


def _connection(office: Office, kept: Connection) -> ConnectionTable:
    reference = kept.auth == "reference"
    return ConnectionTable(
        name=kept.name,
        api_key_ref=kept_keys.reference(office.store, office.who, kept.id) if reference else "",
        api_key_env="" if reference else variable("MAILCHIMP_KEY", kept.name),
        api_url=kept.api_url,
        practice=kept.practice,
        share="contributors" if kept.shared else "",
        i_agree=kept.agreed_at is not None,
        export_user=kept.export_user,
        contract_limit=kept.contract_limit or NO_LIMIT,
        contract_blocks=kept.contract_blocks,
    )


def _segment(kept: Segment) -> SegmentTable:
    return SegmentTable(
        name=kept.name,
        description=kept.description,
        sql="" if kept.rules else kept.sql,
        rules=_spelt(kept.rules) if kept.rules else "",
    )


def _spelt(rules: str) -> str:
    """Spell rules in one way; what nobody can read any more stays as it is."""
    try:
        return to_json(from_json(rules))
    except RuleError:
        return rules


def _export(kept: Export, names: dict[str, str]) -> ExportTable:
    fed = feeding.fed(kept.matching)
    plain = {tag: str(fed.pop(tag)) for tag in ("FNAME", "LNAME") if isinstance(fed.get(tag), str)}
    rails = kept.guard
    return ExportTable(
        name=kept.name,
        connection=kept.connection_name,
        audience=kept.audience_id,
        email=kept.matching.email,
        first_name=plain.get("FNAME", ""),
        last_name=plain.get("LNAME", ""),
        fields=fed,
        keep_filled=feeding.kept(kept.matching),
        segments=tuple(names[segment_id] for segment_id in kept.segment_ids),
        status_if_new=kept.options.status_if_new,
        tag_segments=kept.options.tag_segments,
        on_leave=kept.options.on_leave,
        revive_archived=kept.options.revive_archived,
        schedule=kept.schedule,
        active=kept.active,
        most_added=NO_LIMIT if rails.most_added is None else rails.most_added,
        most_removed=NO_LIMIT if rails.most_removed is None else rails.most_removed,
        most_rejected_percent=(
            NO_LIMIT if rails.most_rejected_percent is None else rails.most_rejected_percent
        ),
        most_deviation_percent=(
            NO_LIMIT if rails.most_deviation_percent is None else rails.most_deviation_percent
        ),
        approve_rules=kept.rules_approved,
    )


def _channel(kept: Channel) -> ChannelTable:
    mail = kept.kind == "mail"
    return ChannelTable(
        name=kept.name,
        mail=kept.address if mail else "",
        url_env="" if mail else variable("WEBHOOK", kept.name),
        active=kept.active,
    )
