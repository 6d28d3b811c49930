"""What a browser says of itself, in a few words that its owner recognises."""

from __future__ import annotations

from marketplace.identity.sessions import Device

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_from(user_agent: str, address: str) -> Device:
    """Browser and system as "Firefox on Windows"; the address as the server saw it."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    name = " on ".join(part for part in (browser, system) if part)
    return Device(name or "Unknown device", address)
