"""Planning on a quantile of readiness: fewer wasted trips, for a known price in patients' waiting."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.benchmarks.sample_day import sample_day
from dispatch.benchmarks.slip_days import compare_policies
from dispatch.optimizer import Stop, check, solve
from dispatch.optimizer.readiness import Readiness, lognormal_readiness, planned_on_quantile


@given(
    st.lists(st.integers(-3600, 36_000), min_size=1, max_size=20).map(sorted),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_higher_quantile_is_never_an_earlier_time(slips: list[int], one: float, other: float) -> None:
    readiness = Readiness(tuple(slips))
    assert readiness.at(min(one, other)) <= readiness.at(max(one, other))
    assert slips[0] <= readiness.at(one) <= slips[-1]


def test_the_shape_of_a_metro_days_slips() -> None:
    readiness = lognormal_readiness(48 * 60, 0.95)
    assert readiness.at(0.05) < 0
    assert 40 * 60 <= readiness.at(0.55) <= 50 * 60
    assert readiness.later(5400).at(0.5) == readiness.at(0.5) + 5400


def test_a_plan_on_a_quantile_is_a_checked_plan() -> None:
    problem = sample_day(16, 4, vans=5, seed=1)
    readiness = {f"ride-{k}": lognormal_readiness(1800, 0.6) for k in range(16)}
    later = planned_on_quantile(problem, readiness, 0.7)
    plan = solve(later, Stop(iterations=5), engine="insertion")
    assert check(later, plan).findings == ()
    first = problem.request_by_id["ride-0"].first
    assert later.request_by_id["ride-0"].first.earliest == first.earliest + readiness["ride-0"].at(0.7)


def test_on_the_same_days_a_later_quantile_misses_fewer_rides_and_patients_wait_longer() -> None:
    problem = sample_day(16, vans=6, seed=2)
    readiness = {f"ride-{k}": lognormal_readiness(2400, 0.8) for k in range(16)}
    found = compare_policies(problem, readiness, (0.1, 0.8), Stop(iterations=200), days=20)
    assert found[0.8].missed_percent < found[0.1].missed_percent
    assert found[0.8].vehicle_wait_minutes < found[0.1].vehicle_wait_minutes
    assert found[0.8].patient_wait_minutes > found[0.1].patient_wait_minutes
