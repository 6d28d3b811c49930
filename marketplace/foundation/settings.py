"""Configuration from the environment, with refusal of values that would be unsafe in production."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Environment(StrEnum):
    """Where this installation stands; only `production` refuses convenient defaults."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class UnsafeSettings(Exception):
    """The environment holds values that must not meet real patients; each line names one and its remedy."""


@dataclass(frozen=True)
class Settings:
    """Everything the processes are told from outside; rooms read their own keys through `text`."""

    environment: Environment
    database_url: str
    redis_url: str
    secret_key: str
    encryption_keys: tuple[tuple[str, bytes], ...]
    """(key id, 32 bytes), the first seals, all open: rotation puts a new one in front."""
    base_url: str
    data_dir: Path
    role_prefix: str = "homeward"
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_production(self) -> bool:
        """Whether real patients may be behind this installation."""
        return self.environment is Environment.PRODUCTION

    def text(self, name: str, default: str = "") -> str:
        """The value of `HOMEWARD_<name>`, or the default when it is unset or empty."""
        return self.values.get(f"HOMEWARD_{name}") or default

    def number(self, name: str, default: int) -> int:
        """The whole number in `HOMEWARD_<name>`; anything else stops the start with its name."""
        raw = self.text(name)
        try:
            return int(raw) if raw else default
        except ValueError:
            raise UnsafeSettings(f"HOMEWARD_{name} must be a whole number, not {raw!r}.") from None

    def role_url(self, role: str) -> str:
        """`DATABASE_URL_<ROLE>` when given (then no owner credentials are needed), else empty."""
        return self.values.get(f"DATABASE_URL_{role.upper()}", "")


def settings_from(
    environ: Mapping[str, str] | None = None,
    *,
    database_url: str = "",
    redis_url: str = "",
    data_dir: Path | None = None,
    development_secret: str = "",
) -> Settings:
    """Settings from the environment; the arguments fill what embedded engines provide.

    Raises UnsafeSettings in production for a missing or short secret, missing encryption keys, a base
    URL without https, or an embedded engine.
    """
    values = dict(os.environ if environ is None else environ)
    environment = _environment(values.get("HOMEWARD_ENVIRONMENT", "demo"))
    secret = values.get("HOMEWARD_SECRET_KEY", "") or development_secret
    settings = Settings(
        environment=environment,
        database_url=values.get("DATABASE_URL", "") or database_url,
        redis_url=values.get("REDIS_URL", "") or redis_url,
        secret_key=secret,
        encryption_keys=_encryption_keys(values.get("HOMEWARD_ENCRYPTION_KEYS", ""), secret, environment),
        base_url=values.get("HOMEWARD_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        data_dir=data_dir or Path(values.get("HOMEWARD_DATA_DIR", ".homeward")),
        role_prefix=values.get("HOMEWARD_DATABASE_ROLE_PREFIX", "homeward"),
        values=values,
    )
    problems = _production_problems(settings) if settings.is_production else []
    if not settings.secret_key:
        problems.append("HOMEWARD_SECRET_KEY is empty: set it to at least 32 random characters.")
    if problems:
        raise UnsafeSettings("\n".join(problems))
    return settings


def _environment(text: str) -> Environment:
    try:
        return Environment(text)
    except ValueError:
        raise UnsafeSettings(f"HOMEWARD_ENVIRONMENT is {text!r}: write production, demo or test.") from None


def _encryption_keys(text: str, secret: str, environment: Environment) -> tuple[tuple[str, bytes], ...]:
    if not text and environment is not Environment.PRODUCTION and secret:
        from hashlib import sha256

        return (("development", sha256(b"field encryption:" + secret.encode()).digest()),)
    keys = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32 or not key_id:
            raise UnsafeSettings(
                "HOMEWARD_ENCRYPTION_KEYS must be id:base64 of 32 bytes, comma separated, newest first."
            )
        keys.append((key_id, key))
    return tuple(keys)


def _production_problems(settings: Settings) -> list[str]:
    values, problems = settings.values, []
    if len(values.get("HOMEWARD_SECRET_KEY", "")) < 32:
        problems.append("HOMEWARD_SECRET_KEY is missing or shorter than 32 characters: set a random one.")
    if not settings.encryption_keys:
        problems.append("HOMEWARD_ENCRYPTION_KEYS is missing: set id:base64 of 32 random bytes.")
    if not settings.base_url.startswith("https://"):
        problems.append("HOMEWARD_BASE_URL must start with https:// in production.")
    engines = [name for name in ("DATABASE_URL", "REDIS_URL") if not values.get(name)]
    return problems + [f"{name} is missing: production never uses the embedded engines." for name in engines]
