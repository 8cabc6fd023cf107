"""A push against a server that says what it is told to say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lib.runs.sending.answers import Answer
from lib.runs.sending.layout import lay_out
from lib.runs.sending.push import End, Setting, carry_out
from tests.mailchimp.conftest import Said, Script, Told, script
from tests.runs.test_outcomes import Contact, write_plan

__all__ = ["script"]


@dataclass
class Notes:
    """A journal in memory."""

    left: set[int]
    said: dict[int, str] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)

    def open(self) -> frozenset[int]:
        return frozenset(self.left)

    def sent(self, seq: int) -> None:
        self.said[seq] = "sent"

    def answered(self, seq: int, answer: Answer) -> None:
        self.said[seq], self.answers[seq] = "answered", answer

    def doubted(self, seq: int, message: str) -> None:
        self.said[seq] = "in doubt"

    def unsent(self, seq: int, message: str) -> None:
        self.said[seq] = "planned"


def push(
    script: Script,
    directory: Path,
    contacts: int,
    away: Callable[[bool], None] = lambda away: None,
) -> tuple[End, Notes]:
    """Push so many new contacts."""
    plan, now = write_plan([Contact("added", "created", None)] * contacts, directory)
    body = pl.struct(email_address="email").struct.json_encode()
    pl.read_parquet(plan).with_columns(body=body).write_parquet(plan)
    laid = lay_out(plan, now, directory)
    notes = Notes({parcel.seq for parcel in laid.parcels})
    with script.connect() as client:
        end = carry_out(Setting(client, "abc", directory, laid, notes, lambda: "", away))
    return end, notes


def test_a_run_stops_in_mailchimps_words_when_everybody_is_refused_alike(
    script: Script, tmp_path: Path
) -> None:
    detail = b'{"title":"Invalid Resource","detail":"Your plan has no room for p7@post.no."}'
    script.answer = lambda told: Said(400, detail, "application/problem+json")
    end, notes = push(script, tmp_path, 1_500)
    assert end.state == "stopped"
    assert "Your plan has no room for (address)." in end.message
    assert "resume" in end.message
    # Of a batch that another thread was halving a part went out: that is asked about later.
    assert set(notes.said.values()) <= {"planned", "sent"}
    assert len(script.told) < 200


def test_while_mailchimp_is_away_it_is_told_until_it_answers_again(
    script: Script, tmp_path: Path
) -> None:
    told: list[bool] = []

    def answer(asked: Told) -> Said:
        return Said(405, b'{"title":"Not"}') if told else Said(503, b"")

    script.answer = answer
    end, _ = push(script, tmp_path, 3, away=told.append)
    assert (end.state, told) == ("done", [True, False])


def test_a_refusal_of_a_whole_batch_is_told_without_the_address_of_one(
    script: Script, tmp_path: Path
) -> None:
    script.answer = lambda told: Said(405, b'{"title":"Not","detail":"p1@post.no is in the way."}')
    end, notes = push(script, tmp_path, 3)
    assert (end.state, notes.said) == ("done", {0: "answered"})
    (answer,) = notes.answers.values()
    assert set(answer.remarks["message"]) == {"(address) is in the way."}
