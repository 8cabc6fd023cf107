"""Everything the practice Mailchimp remembers, and how it is kept."""

import json
import random
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lib.practice.audience import Audience
from lib.practice.columns import Interned
from lib.practice.disk import Disk
from lib.practice.disputes import Disputes
from lib.practice.faults import Dial
from lib.practice.job import Job
from lib.practice.latency import Latency
from lib.practice.merge_field import MergeField
from lib.practice.problem import not_found
from lib.practice.selection import Selections
from lib.practice.slots import Slots
from lib.practice.stats import Stats
from lib.practice.tag import Tag

DATA_CENTRE = "us1"


@dataclass(slots=True)
class World:
    """The account with its audiences, and how the machinery around it is set."""

    disk: Disk
    clock: Callable[[], float]
    random: random.Random
    account: dict[str, Any] = field(default_factory=dict)
    """Key, tokens, ids given out: what belongs to the account and not to an audience."""
    audiences: dict[str, Audience] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    disputes: Disputes = field(default_factory=Disputes)
    latency: Latency = field(default_factory=Latency)
    faults: Dial = field(default_factory=Dial)
    slots: Slots = field(default_factory=Slots)
    stats: Stats = field(default_factory=Stats)
    selections: Selections = field(default_factory=Selections)
    people: Path | None = None
    """File of the members that the first audience begins with, besides a few."""
    altered: bool = False
    """Whether the account changed since it was last kept."""
    _kept: dict[str, int] = field(default_factory=dict)
    _gone: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The API key."""
        return str(self.account["key"])

    @property
    def now(self) -> int:
        """Seconds since 1970: nothing in the API is finer."""
        return int(self.clock())

    def audience(self, list_id: str) -> Audience:
        """The audience with this id.

        Raises:
            ProblemError: 404, when there is none.
        """
        audience = self.audiences.get(list_id)
        if audience is None:
            raise not_found()
        return audience

    def next_id(self) -> int:
        """A number that was never given out before, for tags and web ids."""
        self.account["last_id"] = self.account.get("last_id", 1000) + 1
        self.altered = True
        return int(self.account["last_id"])

    def remove_audience(self, list_id: str) -> None:
        """Delete an audience with its members."""
        audience = self.audiences.pop(list_id)
        self.disk.remove(f"audience:{list_id}", audience.web_id)

    def keep(self) -> None:
        """Write what changed since the last time; to be called before a reply leaves."""
        documents: dict[str, str | None] = {}
        if self.altered:
            documents["account"] = json.dumps(self.account)
            self.altered = False
        documents |= dict(self._audience_documents())
        documents |= dict(self._job_documents())
        members = {
            audience.web_id: audience.members
            for audience in self.audiences.values()
            if audience.members.touched
        }
        if documents or members:
            self.disk.keep(documents, members)

    def _audience_documents(self) -> Iterable[tuple[str, str]]:
        for list_id, audience in self.audiences.items():
            members = audience.members
            codes = len(members.taggings.tuples) + len(members.shapes.tuples)
            if audience.altered or self._kept.get(list_id) != codes:
                self._kept[list_id] = codes
                audience.altered = False
                yield f"audience:{list_id}", json.dumps(_pack(audience))

    def _job_documents(self) -> Iterable[tuple[str, str | None]]:
        yield from ((name, None) for name in self._gone)
        self._gone.clear()
        for job in self.jobs.values():
            if job.altered:
                yield from job.pack()

    def remove_job(self, job_id: str) -> None:
        """Forget a batch of operations."""
        self._gone += self.jobs.pop(job_id).names()

    def load(self) -> bool:
        """Read everything from disk; returns whether there was anything."""
        documents = self.disk.documents()
        if "account" not in documents:
            return False
        self.account = json.loads(documents["account"])
        for name, body in documents.items():
            kind, _, identity = name.partition(":")
            if kind == "audience":
                self.audiences[identity] = _unpack(json.loads(body), self.disk)
            elif kind == "job":
                self.jobs[identity] = Job.unpack(identity, documents)
        return True


def _pack(audience: Audience) -> dict[str, Any]:
    return {
        "list_id": audience.list_id,
        "web_id": audience.web_id,
        "settings": audience.settings,
        "created": audience.created,
        "next_merge_id": audience.next_merge_id,
        "fields": [asdict(one) for one in audience.fields],
        "tags": [asdict(tag) for tag in audience.tags.values()],
        "taggings": audience.members.taggings.tuples,
        "shapes": audience.members.shapes.tuples,
    }


def _unpack(packed: dict[str, Any], disk: Disk) -> Audience:
    taggings = Interned(tuple(one) for one in packed.pop("taggings"))
    shapes = Interned(tuple(one) for one in packed.pop("shapes"))
    packed["fields"] = [MergeField(**one) for one in packed["fields"]]
    packed["tags"] = {one["id"]: Tag(**one) for one in packed["tags"]}
    members = disk.members(packed["web_id"], shapes, taggings)
    audience = Audience(**packed, members=members)
    audience.altered = False
    return audience


def new_key() -> str:
    """A key of the form Mailchimp's have: 32 hexadecimal digits and the data centre."""
    return f"{secrets.token_hex(16)}-{DATA_CENTRE}"
