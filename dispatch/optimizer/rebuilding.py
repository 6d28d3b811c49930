"""A search's routes made into a draft again: timed exactly, inside all limits, nothing that breaks a rule."""

from collections.abc import Sequence

from dispatch.optimizer.compile import Compiled
from dispatch.optimizer.construct import drop_stranded
from dispatch.optimizer.draft import Draft, TimedRoute, thin_out
from dispatch.optimizer.limits import trim
from dispatch.optimizer.link_windows import Windows


def rebuilt(base: Draft, compiled: Compiled, routes: Sequence[Sequence[int]], windows: Windows) -> Draft:
    """A draft with the engine's sequences, timed exactly inside the windows that keep the links.

    Requests that exact rules refuse are left out.
    """
    draft = Draft(base.problem, base.calls, base.lags, eligible_by_request=base.eligible_by_request)
    draft.corridor = windows
    for name, sequence in compiled.sequences(routes).items():
        vehicle = base.problem.vehicle_by_id[name]
        timed = draft.timed(vehicle, sequence)
        if isinstance(timed, TimedRoute):
            draft.put(timed)
        else:
            thin_out(draft, vehicle, sequence)
    for vehicle in base.problem.vehicles:
        if vehicle.committed and vehicle.id not in draft.routes:
            draft.commit(vehicle)
    draft.corridor = {}
    trim(draft)
    drop_stranded(draft)
    return draft
