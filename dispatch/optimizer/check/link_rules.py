"""Links between requests: are the hard ones kept, and what do the soft ones cost."""

from collections.abc import Iterator

from dispatch.optimizer.check.evidence import Evidence, SeenStop
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.requests import Anchor, Link

Moments = dict[str, dict[Anchor, int]]


def check_links(evidence: Evidence) -> Iterator[Finding]:
    """LINK: lags of hard links are inside their bounds; `after` is served only with `before`."""
    moments = moments_of(evidence)
    settled = {stop.request.id for _, stop in evidence.served() if stop.committed}
    for link in evidence.problem.links:
        if not link.hard or {link.before, link.after} <= settled:
            continue
        before, after = moments.get(link.before), moments.get(link.after)
        if after is not None and before is None:
            yield Finding(Rule.LINK, f"{link.id}: it is served but {link.before} is not", link.after)
        if before is not None and after is None and link.mutual:
            yield Finding(Rule.LINK, f"{link.id}: it is served but {link.after} is not", link.before)
        missed = missed_seconds(link, moments)
        if missed:
            message = f"{link.id}: its lag to {link.before} misses its bounds by {missed} s"
            yield Finding(Rule.LINK, message, link.after)


def moments_of(evidence: Evidence) -> Moments:
    """The four moments of every fully served request, when the problem has links at all."""
    stops: dict[str, dict[int, SeenStop]] = {}
    linked = {end for link in evidence.problem.links for end in (link.before, link.after)}
    for _, stop in evidence.served() if linked else ():
        stops.setdefault(stop.request.id, {})[stop.index] = stop
    found: Moments = {}
    for name, points in stops.items():
        last = max(points)
        if len(points) == len(evidence.problem.request_by_id[name].points):
            found[name] = {
                Anchor.START: points[0].start,
                Anchor.DEPARTURE: points[0].end,
                Anchor.ARRIVAL: points[last].start,
                Anchor.END: points[last].end,
            }
    return found


def missed_seconds(link: Link, moments: Moments) -> int | None:
    """By how much the lag is outside its bounds; None when an end is not served."""
    if link.before not in moments or link.after not in moments:
        return None
    lag = moments[link.after][link.after_anchor] - moments[link.before][link.before_anchor]
    too_long = 0 if link.max_lag_seconds is None else lag - link.max_lag_seconds
    return max(link.min_lag_seconds - lag, too_long, 0)


def soft_link_cents(evidence: Evidence) -> int:
    """What the broken soft links cost: once each, and by the minute that the lag misses."""
    moments, total = moments_of(evidence), 0
    for link in evidence.problem.links:
        if link.hard:
            continue
        missed = missed_seconds(link, moments)
        if missed is None:
            total += link.break_cents if link.before in moments or link.after in moments else 0
        elif missed:
            total += link.break_cents + (missed * link.cents_per_minute * 2 + 60) // 120
    return total
