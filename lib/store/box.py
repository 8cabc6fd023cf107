"""The secret box: what must be readable only by this installation is kept encrypted."""

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from lib.errors import SettingsError, StorageError
from lib.store import system_keyring

KEY_FILE = "secret.key"
KEYRING = "keyring:"
"""How a setting begins that names a place in the system's keyring."""


class Box:
    """Encrypts with the first key, decrypts with any (Fernet: AES-128-CBC and HMAC-SHA256)."""

    __slots__ = ("_fernet", "_key")

    def __init__(self, *keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
            self._key = keys[0].encode()
        except ValueError:
            raise SettingsError(
                "The setting MUSTER_SECRET_KEY is no key: it must be 32 random bytes in URL-safe "
                "base64, 44 characters. Leave it empty to have one made in the state directory, or "
                "write keyring:NAME to have one made in the system's keyring."
            ) from None

    def __repr__(self) -> str:
        return "Box()"

    def mark(self, purpose: str, words: str) -> str:
        """Return what stands for words without telling them: HMAC-SHA256 in hexadecimal.

        Whoever has the key and the words can make it again; nobody else can try words out.
        """
        return hmac.new(self._key, f"{purpose}\0{words}".encode(), hashlib.sha256).hexdigest()

    def lock(self, secret: str) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(secret.encode())

    def unlock(self, ciphertext: bytes) -> str:
        """Decrypt.

        Raises:
            SettingsError: it was encrypted with another key.
        """
        try:
            return self._fernet.decrypt(ciphertext).decode()
        except InvalidToken:
            raise SettingsError(
                "A stored API key was encrypted with another secret key: put the former "
                "MUSTER_SECRET_KEY (or secret.key in the state directory, or the entry in the "
                "keyring) back, or enter the API key of the connection again."
            ) from None

    def opens(self, ciphertext: bytes) -> bool:
        """Say whether it was encrypted with one of these keys."""
        try:
            self._fernet.decrypt(ciphertext)
        except InvalidToken:
            return False
        return True


def open_box(secret_key: str, directory: Path) -> Box:
    """Make the box with the key given or where it says, else with the key file, made when absent.

    Args:
        secret_key: the key, or ``keyring:NAME``, or empty for the file.
        directory: where the key file is. Its key moves into the keyring when that holds none.

    Raises:
        SettingsError: the key is malformed, or there is no keyring.
        StorageError: the key file cannot be read or written.
    """
    path = directory / KEY_FILE
    if secret_key.startswith(KEYRING):
        return _from_keyring(secret_key.removeprefix(KEYRING) or "default", path)
    if secret_key:
        return Box(secret_key)
    try:
        if not path.exists():
            _make(path)
        return Box(*read_keys(directory))
    except (OSError, UnicodeDecodeError):
        raise StorageError(
            f"The file {KEY_FILE} in the state directory cannot be read or written; "
            "check its owner and the disk."
        ) from None
    except SettingsError:
        raise StorageError(
            f"The file {KEY_FILE} in the state directory is damaged; put back the one from before."
        ) from None


def fresh_key() -> str:
    """Make a key."""
    return Fernet.generate_key().decode()


def read_keys(directory: Path) -> tuple[str, ...]:
    """Read the keys of the key file, the present one first; others are there while it changes.

    Raises:
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    return tuple((directory / KEY_FILE).read_text(encoding="ascii").split())


def write_keys(directory: Path, *keys: str) -> None:
    """Write the key file in place of any former one; whoever reads meanwhile sees one of them.

    Raises:
        StorageError: it cannot be written.
    """
    path = directory / KEY_FILE
    try:
        _draft(path, "\n".join(keys)).replace(path)
    except OSError:
        raise StorageError(
            f"The file {KEY_FILE} in the state directory cannot be read or written; "
            "check its owner and the disk."
        ) from None


def _from_keyring(name: str, path: Path) -> Box:
    """Take the key from the keyring; once it is there, a key file with the same key goes."""
    try:
        former = path.read_text(encoding="ascii").strip() if path.exists() else ""
        box = Box(*(key := system_keyring.fetch(name, former)).split())
        if key == former:
            path.unlink()
    except (OSError, UnicodeDecodeError):
        raise StorageError(
            f"The file {KEY_FILE} in the state directory cannot be read; check its owner."
        ) from None
    return box


def _make(path: Path) -> None:
    """Write a fresh key beside and link it into place: whoever is first wins, nobody sees half."""
    draft = _draft(path, fresh_key())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process made it at the same moment; theirs counts
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """Write a file beside another, for its owner only, whole and on the disk."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return draft
