"""The stand-in for Stripe beside a demo: its process, its address, and the keys both sides use."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from billing.settlement.double.server import running
from marketplace.engines import Child
from marketplace.foundation.settings import Settings

CLEARING_SECONDS = 0
"""Demo deposits clear at once; a bank takes two days."""


def payments_environment(port: int, base_url: str) -> dict[str, str]:
    """The settings under which the product speaks to the stand-in; none when a real key is set already."""
    secret = hashlib.sha256(f"demo webhook {base_url}".encode()).hexdigest()
    return {
        "HOMEWARD_STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "HOMEWARD_STRIPE_API_KEY": "sk_test_homeward_demo",
        "HOMEWARD_STRIPE_WEBHOOK_SECRET": f"whsec_{secret[:32]}",
    }


def payments_child(settings: Settings, port: int) -> Child:
    """The stand-in as a supervised process; it tells the product of what happens by signed webhooks."""
    command = [sys.executable, "-m", "billing.settlement.double", "--port", str(port)]
    options = ["--data", str(_folder(settings)), "--clearing-seconds", str(CLEARING_SECONDS)]
    hook = ["--webhook", f"{settings.base_url}/stripe/webhook"]
    secret = ["--webhook-secret", settings.text("STRIPE_WEBHOOK_SECRET")]
    return Child("payments", [*command, *options, *hook, *secret])


@contextlib.contextmanager
def running_payments(settings: Settings, port: int, *, empty: bool) -> Iterator[None]:
    """The stand-in in this process for the block (while the world is made); `empty` forgets its journal."""
    folder = _folder(settings)
    if empty:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with running(folder, port=port, clearing_seconds=CLEARING_SECONDS):
        yield


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "payments"
