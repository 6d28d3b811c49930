"""How moments, spans and amounts are written for people: Jinja filters and the functions behind them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from marketplace.web import current

STYLES = {
    "full": "%a, %b %-d, %H:%M",
    "long": "%A, %B %-d, %Y, %H:%M %Z",
    "date": "%a, %b %-d",
    "time": "%H:%M",
    "input": "%Y-%m-%dT%H:%M",
}


def local(moment: datetime | None, style: str = "full", zone: ZoneInfo | str | None = None) -> str:
    """A moment in the request's (or the given) time zone; style: full, long, date, time or input."""
    if moment is None:
        return ""
    return moment.astimezone(_zone(zone)).strftime(STYLES[style])


def zone_name(zone: ZoneInfo | str | None = None) -> str:
    """The zone in words for beside a field: "CST, Chicago"."""
    found = _zone(zone)
    abbreviation = current.now().astimezone(found).strftime("%Z")
    city = found.key.rpartition("/")[2].replace("_", " ")
    return abbreviation if city == abbreviation else f"{abbreviation}, {city}"


def time_left(moment: datetime) -> str:
    """The time from now until a moment: "1 h 05 min left", "12 min late"."""
    rest = moment - current.now()
    return f"{span(-rest)} late" if rest < timedelta(0) else f"{span(rest)} left"


def time_tone(moment: datetime, warn_minutes: int = 60, bad_minutes: int = 15) -> str:
    """How urgent a moment is: calm, warn or bad."""
    minutes = (moment - current.now()).total_seconds() / 60
    if minutes <= bad_minutes:
        return "bad"
    return "warn" if minutes <= warn_minutes else "calm"


def span(length: timedelta) -> str:
    """A length of time in two units at most: "45 min", "1 h 05 min", "2 d 3 h"."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def words(code: object) -> str:
    """A code as words: "en_route" becomes "En route"."""
    return str(code).replace("_", " ").replace("-", " ").capitalize()


def cents(amount: int, currency: str = "USD") -> str:
    """Whole cents as money: 123456 becomes "$1,234.56"; a minus sign stands in front."""
    sign, whole = ("-" if amount < 0 else ""), abs(amount)
    symbol = "$" if currency == "USD" else f"{currency} "
    return f"{sign}{symbol}{whole // 100:,}.{whole % 100:02d}"


def _zone(zone: ZoneInfo | str | None) -> ZoneInfo:
    if zone is None:
        return current.zone()
    return ZoneInfo(zone) if isinstance(zone, str) else zone


FILTERS = {
    "local": local,
    "time_left": time_left,
    "time_tone": time_tone,
    "span": span,
    "words": words,
    "cents": cents,
}
