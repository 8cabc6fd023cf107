"""Questions to the warehouse that are being answered, each in a thread of its own.

The threads know no Streamlit. A session keeps the id of its question; a fragment looks it up. A
person who reloads the page loses the view of a question, never the history of it.
"""

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from lib.access import Action, Person, require
from lib.errors import MusterError
from lib.sql import Sql
from lib.store import Store, history
from lib.warehouse import Preview, Warehouse

logger = logging.getLogger(__name__)

SHOWN = 1_000
"""Most rows of a result that go to the browser."""
_KEPT = 60
"""How many answers stay in memory, over all sessions."""


@dataclass(slots=True)
class Question:
    """One question; the thread fills in the answer, then sets ``finished``."""

    id: str
    sql: str
    asked_at: float
    """Seconds of the monotonic clock."""
    preview: Preview | None = None
    error: Exception | None = None
    took_s: float = 0.0
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def waited_s(self) -> float:
        """How long it has been running, or ran."""
        return self.took_s if self.finished.is_set() else time.monotonic() - self.asked_at


class Questions:
    """All questions of this process; the oldest answers are forgotten."""

    def __init__(self) -> None:
        self._all: OrderedDict[str, Question] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, warehouse: Warehouse, store: Store, who: Person, sql: str) -> Question:
        """Start answering, and return at once.

        Raises:
            ForbiddenError: the person may not query.
        """
        require(who, Action.QUERY)
        question = Question(uuid4().hex, sql, time.monotonic())
        with self._lock:
            self._all[question.id] = question
            while len(self._all) > _KEPT:
                self._all.popitem(last=False)
        threading.Thread(
            target=_answer, args=(question, warehouse, store, who), name="query", daemon=True
        ).start()
        return question

    def get(self, question_id: str) -> Question | None:
        """Return a question, unless it was forgotten."""
        with self._lock:
            return self._all.get(question_id)


@st.cache_resource(show_spinner=False)
def questions() -> Questions:
    """Return the questions of this process."""
    return Questions()


def _answer(question: Question, warehouse: Warehouse, store: Store, who: Person) -> None:
    try:
        question.preview = warehouse.preview(Sql(question.sql), SHOWN, tag=question.id)
    except Exception as error:
        question.error = error
    question.took_s = time.monotonic() - question.asked_at
    # First the answer, then the history: nobody waits for it.
    question.finished.set()
    _remember(question, store, who)


def _remember(question: Question, store: Store, who: Person) -> None:
    try:
        history.record(
            store,
            who,
            question.sql,
            rows=question.preview.total if question.preview else None,
            ms=round(question.took_s * 1000, 1),
            error=str(question.error) if isinstance(question.error, MusterError) else "",
        )
    except MusterError as error:
        logger.warning("A query could not be kept in the history: %s", error)
