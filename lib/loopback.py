"""Which hosts are this machine itself."""

from ipaddress import ip_address


def is_here(host: str) -> bool:
    """Say whether a host, by its name or address, never leads off this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
