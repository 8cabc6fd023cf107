"""The operating system's keyring as the place of the encryption key."""

from cryptography.fernet import Fernet

from lib.errors import SettingsError

SERVICE = "muster"


def fetch(name: str, former: str = "") -> str:
    """Return the key that the keyring holds under a name; one is put there when there is none.

    Args:
        name: of this installation, as the keyring's user name; the service is ``muster``.
        former: a key that was kept elsewhere, to be put there instead of a fresh one.

    Raises:
        SettingsError: there is no keyring here, or it is locked, or it keeps nothing.
    """
    # Only here: importing it takes 0.15 s, which every command would wait for.
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        if not keyring.get_password(SERVICE, name):
            keyring.set_password(SERVICE, name, former or Fernet.generate_key().decode())
        # Read back: another process may have been first, and some keyrings keep nothing.
        kept = keyring.get_password(SERVICE, name)
    except (KeyringError, OSError):
        raise _none() from None
    if not kept:
        raise _none()
    return kept


def _none() -> SettingsError:
    return SettingsError(
        "The setting MUSTER_SECRET_KEY asks for the system's keyring, but there is none that opens "
        "for this account: unlock or install one, or keep the key in a file (leave it empty)."
    )
