"""What is there at the first start: a small, believable account."""

from typing import Any

from lib.practice.address import digest
from lib.practice.audience import Audience
from lib.practice.member import (
    ARCHIVED,
    BY_API,
    BY_SELF,
    CLEANED,
    PENDING,
    SUBSCRIBED,
    TRANSACTIONAL,
    UNSUBSCRIBED,
)
from lib.practice.merge_field import MergeField
from lib.practice.people import DAY, bring
from lib.practice.world import World, new_key

Spec = tuple[str, str, str, dict[str, Any]]
"""Tag, name, type and options of a merge field."""

_PEOPLE = (
    ("ingrid.hansen@nordlys.no", "Ingrid", "Hansen", SUBSCRIBED, 0),
    ("lars.olsen@nordlys.no", "Lars", "Olsen", SUBSCRIBED, 0),
    ("sofie.berg@fjordmail.no", "Sofie", "Berg", SUBSCRIBED, 0),
    ("Zoë.Müller@bergpost.de", "Zoë", "Müller", SUBSCRIBED, 0),
    ("jean.dupont@courrier.fr", "Jean", "Dupont", SUBSCRIBED, 0),
    ("maria.rossi@posta.it", "Maria", "Rossi", SUBSCRIBED, 0),
    ("ola.nordmann@fjordmail.no", "Ola", "Nordmann", SUBSCRIBED, 0),
    ("kari.lie@fjordmail.no", "Kari", "Lie", UNSUBSCRIBED, BY_SELF),
    ("per.aas@fjordmail.no", "Per", "Aas", UNSUBSCRIBED, BY_SELF),
    ("anne.dahl@nordlys.no", "Anne", "Dahl", UNSUBSCRIBED, BY_API),
    ("bounced.box@bergpost.de", "Karl", "Weiss", CLEANED, 0),
    ("gone.away@courrier.fr", "Luc", "Petit", CLEANED, 0),
    ("not.yet@posta.it", "Gina", "Verdi", PENDING, 0),
    ("buyer.only@nordlys.no", "Tor", "Vik", TRANSACTIONAL, 0),
    ("old.friend@nordlys.no", "Liv", "Moe", ARCHIVED, 0),
    ("older.friend@nordlys.no", "Arne", "Moe", ARCHIVED, BY_SELF),
)
_FORGOTTEN = "please.forget@fjordmail.no"

_SETTINGS = {
    "contact": {
        "company": "Nordlys Handel AS",
        "address1": "Storgata 1",
        "address2": "",
        "city": "Oslo",
        "state": "Oslo",
        "zip": "0155",
        "country": "NO",
        "phone": "",
    },
    "permission_reminder": "You signed up in our shop.",
    "use_archive_bar": True,
    "campaign_defaults": {
        "from_name": "Nordlys",
        "from_email": "post@nordlys.no",
        "subject": "",
        "language": "en",
    },
    "notify_on_subscribe": "",
    "notify_on_unsubscribe": "",
    "email_type_option": False,
    "visibility": "pub",
    "double_optin": False,
    "marketing_permissions": False,
}


def open_account(world: World) -> None:
    """Make key, audiences and members, where there were none.

    Raises:
        ValueError: the file of people holds something else.
    """
    now = world.now
    world.account = {"key": new_key(), "opened": now - 400 * DAY, "tokens": [], "last_id": 3000}
    newsletter = _audience(world, "a1b2c3d4e5", "Nordlys newsletter", now - 365 * DAY)
    newsletter.fields += _further_fields(newsletter)
    newsletter.arrange()
    _people(world, newsletter)
    if world.people and world.people.is_file():
        bring(world, newsletter, world.people)
    club = _audience(world, "f6a7b8c9d0", "Nordlys club", now - 30 * DAY)
    club.settings["double_optin"] = True
    world.account["first"] = newsletter.list_id
    world.account["automations"] = [
        {
            "id": "9f0e1d2c3b",
            "list_id": newsletter.list_id,
            "title": "Welcome to Nordlys",
            "status": "sending",
            "workflow_type": "welcomeSeries",
        }
    ]
    world.altered = True


def _audience(world: World, list_id: str, name: str, created: int) -> Audience:
    audience = Audience(list_id, world.next_id(), {"name": name, **_SETTINGS}, created)
    audience.fields = first_fields(audience)
    audience.arrange()
    world.audiences[list_id] = audience
    return audience


def first_fields(audience: Audience) -> list[MergeField]:
    """The merge fields every new audience has."""
    specs: tuple[Spec, ...] = (
        ("FNAME", "First Name", "text", {"size": 25}),
        ("LNAME", "Last Name", "text", {"size": 25}),
        ("ADDRESS", "Address", "address", {"default_country": 164}),
        ("PHONE", "Phone Number", "phone", {"phone_format": "none"}),
        ("BIRTHDAY", "Birthday", "birthday", {"date_format": "MM/DD"}),
    )
    return _fields(audience, specs)


def _further_fields(audience: Audience) -> list[MergeField]:
    tiers = ["Bronze", "Silver", "Gold", "Platinum"]
    languages = ["Norsk", "English", "Deutsch", "Français"]
    specs: tuple[Spec, ...] = (
        ("COUNTRY", "Country", "text", {"size": 25}),
        ("TIER", "Loyalty tier", "dropdown", {"choices": tiers}),
        ("LANG", "Language", "radio", {"choices": languages}),
        ("LTV", "Lifetime value", "number", {}),
        ("LASTSEEN", "Last seen", "date", {"date_format": "MM/DD/YYYY"}),
        ("SITE", "Website", "url", {}),
        ("PHOTO", "Photo", "imageurl", {}),
        ("ZIPCODE", "Zip code", "zip", {}),
    )
    return _fields(audience, specs)


def _fields(audience: Audience, specs: tuple[Spec, ...]) -> list[MergeField]:
    made = []
    for tag, name, kind, options in specs:
        merge_id = audience.next_merge_id
        audience.next_merge_id += 1
        public = tag in ("FNAME", "LNAME")
        made.append(
            MergeField(
                merge_id,
                tag,
                name,
                kind,
                public=public,
                display_order=merge_id + 1,
                options=options,
            )
        )
    return made


def _people(world: World, audience: Audience) -> None:
    members, since = audience.members, world.now - 200 * DAY
    vip = audience.add_tag("VIP", world.next_id(), since)
    gold = audience.add_tag("Gold", world.next_id(), since)
    for number, (email, first, last, status, reason) in enumerate(_PEOPLE):
        row = members.add(email, digest(email), since + number * DAY)
        members.set_values(row, {"FNAME": first, "LNAME": last, "COUNTRY": "NO", "TIER": "Silver"})
        members.status[row] = status
        members.reason[row] = reason
        members.set_tags(
            row, (vip.id,) if number % 5 == 0 else (gold.id,) if number % 3 == 0 else ()
        )
    forgotten = members.add(_FORGOTTEN, digest(_FORGOTTEN), since)
    members.forget(forgotten, since)
