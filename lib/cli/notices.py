"""``muster notices``: who is told when an export fails, is stopped, or works again."""

import os
from dataclasses import asdict
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, done, say, show
from lib.errors import InputError
from lib.runs import notices as telling
from lib.store import channels, notices
from lib.store.channels import Kind
from lib.store.notices import Notice

app = typer.Typer(
    help="Who is told when an export fails, is stopped, has rejections, or works again.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the channel.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the channels; of a webhook only its server is shown."""
    with place.office() as office:
        rows = [asdict(one) for one in channels.all(office.store, office.who)]
    show(rows, as_json=as_json, columns=("name", "kind", "address", "active", "created_at"))


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="How people will know it.")],
    webhook_env: Annotated[
        str, typer.Option(metavar="VAR", help="Environment variable with the webhook's URL.")
    ] = "",
    mail: Annotated[str, typer.Option(metavar="ADDRESS", help="Mail address instead.")] = "",
    as_json: Json = False,
) -> None:
    """Tell a chat (Slack-compatible webhook) or a mail address from now on."""
    with place.office() as office:
        kind, target = _target(webhook_env, mail)
        made = channels.add(office.store, office.who, name=name, kind=kind, target=target)
        if kind == "mail" and not office.settings.smtp_url:
            say(
                "Mail needs the settings MUSTER_SMTP_URL and MUSTER_MAIL_FROM; until then it waits."
            )
    show(asdict(made), as_json=as_json)


def _target(webhook_env: str, mail: str) -> tuple[Kind, str]:
    if bool(webhook_env) == bool(mail):
        raise InputError("Give either --webhook-env or --mail.")
    if mail:
        return "mail", mail
    url = os.environ.get(webhook_env, "").strip()
    if not url:
        raise InputError(f"The environment variable {webhook_env} is empty; put the URL there.")
    return "webhook", url


@app.command()
def test(name: Name, as_json: Json = False) -> None:
    """Send a trial message now, and say what the channel answered."""
    with place.office() as office:
        answer = telling.test(office.store, office.settings, office.who, name)
    show({"ok": True, "answer": answer}, as_json=as_json)


@app.command()
def switch(
    name: Name,
    on: Annotated[bool, typer.Option("--on/--off", help="Tell it, or stop telling it.")] = True,
    as_json: Json = False,
) -> None:
    """Switch a channel on or off; what waits for it when it goes off is dropped."""
    kept = place.do(channels.switch, name, active=on)
    show(asdict(kept), as_json=as_json)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Remove a channel, its URL and the log of what it was told."""
    place.do(channels.remove, name)
    gone = {"name": name, "removed": True}
    done(gone, f"{name} is told nothing any more.", as_json=as_json)


@app.command()
def log(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List the last notices, newest first, with what became of each."""
    with place.office() as office:
        rows = [_record(one) for one in notices.log(office.store, office.who, limit=limit)]
    show(rows, as_json=as_json, columns=("at", "event", "export", "channel", "state", "error"))


def _record(notice: Notice) -> dict[str, object]:
    return {
        "at": notice.at,
        "event": notice.event,
        "export": notice.body.get("export", ""),
        "run": notice.run_id,
        "channel": notice.channel_name,
        "state": notice.state,
        "sent_at": notice.sent_at,
        "attempts": notice.attempts,
        "next_at": notice.next_at,
        "error": notice.error,
    }
