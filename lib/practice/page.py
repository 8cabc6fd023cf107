"""A page for people who open the practice Mailchimp in a browser."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from lib.practice.member import ARCHIVED
from lib.practice.world import World

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.2rem 1rem .2rem 0;text-align:left}"
    "code{background:#8882;padding:.1em .3em;border-radius:.2em}"
)


async def show(request: Request) -> HTMLResponse:
    """GET /: what this is, and what it holds."""
    world: World = request.app.state.world
    rows = "".join(
        f"<tr><td>{escape(audience.settings['name'])}</td><td><code>{audience.list_id}</code></td>"
        f"<td>{sum(audience.members.count_statuses()[:ARCHIVED]):,}</td></tr>"
        for audience in world.audiences.values()
    )
    faults = ", ".join(escape(name) for name in world.faults.settings) or "none"
    return HTMLResponse(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>Practice Mailchimp</title><style>{_STYLE}</style></head><body>"
        "<h1>Practice Mailchimp</h1><p>This is a stand-in: it speaks Mailchimp's Marketing API "
        "below <code>/3.0</code>, sends no mail, and nothing here leaves this machine.</p>"
        f"<table><tr><th>Audience</th><th>Id</th><th>Contacts</th></tr>{rows}</table>"
        f"<p>Faults that are set: {faults}. Calls so far: "
        f"{sum(world.stats.calls.values()):,}. The dial is at <code>/practice/</code>.</p>"
        "</body></html>"
    )
