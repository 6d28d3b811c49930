"""The double's own page: accounts, money and transfers at a glance, for the demo."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template
from werkzeug.wrappers import Response as BaseResponse

from billing.settlement.double.world import world

pages = Blueprint("stripe_double_pages", __name__, template_folder="templates")


@pages.app_template_filter("dollars")
def dollars(cents: int) -> str:
    """Write cents as dollars, for example `$1,234.50`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


@pages.app_template_filter("moment")
def moment(stamp: int) -> str:
    """Write a stamp in seconds as a UTC time."""
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@pages.get("/")
def overview() -> str:
    """Show accounts, payments, transfers and the balance."""
    book, desk = world().book, world().desk
    accounts = [{**item, "available": desk.available(item["id"])} for item in book.every("account")]
    names = {item["id"]: item["business_profile"]["name"] or item["id"] for item in accounts}
    return render_template(
        "stripe_double/overview.html",
        accounts=accounts,
        names=names,
        balance=desk.balance(None),
        transfers=book.every("transfer")[::-1][:200],
        payments=book.every("payment_intent")[::-1][:200],
    )


@pages.get("/healthz")
def healthz() -> Response:
    """Say that the double is up."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/onboarding/<identifier>")
def onboard(identifier: str) -> BaseResponse:
    """Complete an account's onboarding at once, in place of Stripe's own forms."""
    with world().book.change():
        world().desk.set_transfers_capability(identifier, "active")
    world().courier.wake()
    return redirect("/")


@pages.get("/double.css")
def stylesheet() -> Response:
    """Serve the page's few style rules."""
    return Response(_STYLE, mimetype="text/css")


_STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.45; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-block: .5rem 2rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid; }
td.sum, th.sum { text-align: right; font-variant-numeric: tabular-nums; }
code { font-size: .85em; }
"""
