"""Audiences ("lists"): settings, merge fields, tags and members, and what follows from them."""

from dataclasses import dataclass, field
from typing import Any

from lib.practice.member import CLEANED, PENDING, SUBSCRIBED, TRANSACTIONAL, UNSUBSCRIBED, Members
from lib.practice.merge_field import MergeField
from lib.practice.tag import Tag
from lib.practice.timestamp import write_time


@dataclass(slots=True)
class Audience:
    """One audience; ``settings`` are the attributes its owner can write."""

    list_id: str
    web_id: int
    settings: dict[str, Any]
    created: int
    fields: list[MergeField] = field(default_factory=list)
    tags: dict[int, Tag] = field(default_factory=dict)
    next_merge_id: int = 1
    members: Members = field(default_factory=Members)
    altered: bool = True
    """Whether anything but members changed since it was last kept."""
    tag_names: dict[str, int] = field(default_factory=dict)
    """Tag ids by name as compared; filled when first needed."""
    by_tag: dict[str, MergeField] = field(default_factory=dict)
    """Merge fields by tag."""
    layout: tuple[str, ...] = ()
    """Merge tags in the order of the fields."""

    def __post_init__(self) -> None:
        self.arrange()

    def arrange(self) -> None:
        """Take note of changed merge fields."""
        self.by_tag = {one.tag: one for one in self.fields}
        self.layout = tuple(self.by_tag)
        self.altered = True

    def field_of(self, merge_id: int) -> MergeField | None:
        """The merge field with this id."""
        return next((one for one in self.fields if one.merge_id == merge_id), None)

    def find_tag(self, name: str, *, exact: bool = False) -> Tag | None:
        """The tag of this name; letter case does not count unless ``exact``."""
        if len(self.tag_names) != len(self.tags):
            self.tag_names = {tag.name.casefold(): tag.id for tag in self.tags.values()}
        if exact:
            return next((tag for tag in self.tags.values() if tag.name == name), None)
        known = self.tag_names.get(name.casefold())
        return None if known is None else self.tags[known]

    def add_tag(self, name: str, tag_id: int, now: int) -> Tag:
        """A new tag that nobody has yet."""
        tag = self.tags[tag_id] = Tag(tag_id, name, now, now)
        self.tag_names.clear()
        self.altered = True
        return tag

    def remove_tag(self, tag_id: int) -> None:
        """Take a tag away, from everybody who has it."""
        taggings = self.members.taggings
        for code, tags in enumerate(taggings.tuples):
            taggings.tuples[code] = tuple(tag for tag in tags if tag != tag_id)
        taggings.codes = {tags: code for code, tags in enumerate(taggings.tuples)}
        del self.tags[tag_id]
        self.tag_names.clear()
        self.altered = True
        self.members.version += 1

    def stats(self, *, total: bool = False) -> dict[str, Any]:
        """The ``stats`` of the audience's document; ``total`` adds the contacts of every status."""
        counts = self.members.count_statuses()
        stats: dict[str, Any] = {
            "member_count": counts[SUBSCRIBED],
            "unsubscribe_count": counts[UNSUBSCRIBED],
            "cleaned_count": counts[CLEANED],
            "member_count_since_send": counts[SUBSCRIBED],
            "unsubscribe_count_since_send": 0,
            "cleaned_count_since_send": 0,
            "campaign_count": 0,
            "campaign_last_sent": "",
            "merge_field_count": len(self.fields),
            "avg_sub_rate": 0,
            "avg_unsub_rate": 0,
            "target_sub_rate": 0,
            "open_rate": 0,
            "click_rate": 0,
            "last_sub_date": "",
            "last_unsub_date": "",
        }
        known = (SUBSCRIBED, UNSUBSCRIBED, CLEANED, PENDING, TRANSACTIONAL)
        return stats | ({"total_contacts": sum(counts[code] for code in known)} if total else {})

    def document(self, *, total: bool = False) -> dict[str, Any]:
        """The audience as the API shows it."""
        return {
            "id": self.list_id,
            "web_id": self.web_id,
            **self.settings,
            "date_created": write_time(self.created),
            "list_rating": 0,
            "subscribe_url_short": f"http://eepurl.com/{self.list_id}",
            "subscribe_url_long": f"https://example.list-manage.com/subscribe?id={self.list_id}",
            "beamer_address": f"us1-{self.list_id}@inbound.mailchimp.com",
            "has_welcome": False,
            "modules": [],
            "stats": self.stats(total=total),
        }
