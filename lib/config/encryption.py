"""Replacing the encryption key, so that whoever knew the former one reads nothing any more.

Whatever ends it half way, the key file opens what is in the store: it holds both keys until the
secrets are locked with the new one. In another place the new key is before anything is locked with
it.
"""

import os
from dataclasses import dataclass

from lib.access import Action, require
from lib.config import Office
from lib.errors import InputError, SettingsError
from lib.runs import process
from lib.store import box, locking, system_keyring
from lib.store.box import KEYRING, Box

FILE, ENVIRONMENT = "file", "env:"


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was done, and what is left to do."""

    secrets: int
    setting: str
    """What the setting MUSTER_SECRET_KEY has to be from now on, in words; empty: as it is."""


def replace(office: Office, to: str) -> Replaced:
    """Lock every secret with another key.

    Args:
        office: of an administrator.
        to: where the new key is to be: ``file`` makes one in the state directory, ``keyring:NAME``
            takes or makes one there, ``env:VAR`` takes the one in an environment variable.

    Raises:
        ForbiddenError: not an administrator.
        InputError: there is no such place, no key in it, or the present one.
        SettingsError: a secret does not open with the present key; nothing is changed.
        StateInUseError: the app or a worker is running, with the present key.
        StorageError: the key file cannot be written.
    """
    require(office.who, Action.EDIT_SYSTEM)
    store, state = office.store, office.settings.state
    in_file = not office.settings.secret_key
    with process.alone(office.settings):
        key = _key(to)
        new = _opened(key, to)
        if new.opens(store.box.lock("")):
            raise InputError("This is the present key already: make another one, elsewhere.")
        if to != FILE:
            many = locking.lock_anew(store, office.who, new)
            if in_file:
                (state / box.KEY_FILE).unlink(missing_ok=True)
            return Replaced(many, _setting(to))
        box.write_keys(state, key, *(box.read_keys(state) if in_file else ()))
        many = locking.lock_anew(store, office.who, new)
        box.write_keys(state, key)
        return Replaced(many, "" if in_file else "empty: take it away")


def _key(to: str) -> str:
    kind, _, name = to.partition(":")
    if to == FILE:
        return box.fresh_key()
    if not name or kind not in {"env", "keyring"}:
        raise InputError("Say where the new key is to be: file, keyring:NAME or env:VARIABLE.")
    if kind == "keyring":
        return system_keyring.fetch(name)
    found = os.environ.get(name, "").strip()
    if not found:
        raise InputError(f"The environment variable {name} is empty: put a new key there.")
    return found


def _opened(key: str, to: str) -> Box:
    try:
        return Box(*key.split())
    except SettingsError:
        raise InputError(
            f"What is in {to} is no key: it must be 32 random bytes in URL-safe base64, 44 "
            "characters."
        ) from None


def _setting(to: str) -> str:
    if to.startswith(KEYRING):
        return to
    return f"what {to.removeprefix(ENVIRONMENT)} holds"
