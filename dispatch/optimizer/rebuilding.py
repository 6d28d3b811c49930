"""A search's routes made into a draft again: timed exactly, inside all limits, nothing that breaks a rule."""

from collections.abc import Sequence

from dispatch.optimizer.compile import Compiled
from dispatch.optimizer.construct import drop_stranded
from dispatch.optimizer.draft import Draft, TimedRoute, thin_out
from dispatch.optimizer.limits import trim


def rebuilt(base: Draft, compiled: Compiled, routes: Sequence[Sequence[int]]) -> Draft:
    """A draft with the engine's sequences, timed exactly; requests that exact rules refuse are left out."""
    draft = Draft(base.problem, base.calls, base.lags, eligible_by_request=base.eligible_by_request)
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
    trim(draft)
    drop_stranded(draft)
    return draft
