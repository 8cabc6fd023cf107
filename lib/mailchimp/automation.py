"""Classic automations: what may send mail by itself when contacts arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailchimp_marketing import AutomationsApi

from lib.mailchimp.asking import QUICK_S, Asking
from lib.mailchimp.member import PAGE


@dataclass(frozen=True, slots=True)
class Automation:
    """One classic automation; customer journeys cannot be listed by the API (observed)."""

    id: str
    title: str
    status: str
    """``save``, ``paused`` or ``sending``."""
    audience_id: str


def read_automation(document: Mapping[str, Any]) -> Automation:
    """Read one automation of GET /automations."""
    return Automation(
        id=str(document.get("id") or ""),
        title=str((document.get("settings") or {}).get("title") or ""),
        status=str(document.get("status") or ""),
        audience_id=str((document.get("recipients") or {}).get("list_id") or ""),
    )


class AutomationCalls:
    """What can be asked about automations."""

    _asking: Asking

    def automations(self, audience_id: str = "") -> tuple[Automation, ...]:
        """Classic automations, of one audience or of all."""
        api = AutomationsApi(self._asking.transport)
        rows = self._asking.rows(
            "automations",
            lambda offset: api.list(count=PAGE, offset=offset, _request_timeout=QUICK_S),
        )
        found = (read_automation(row) for row in rows)
        return tuple(one for one in found if not audience_id or one.audience_id == audience_id)
