"""Users: invited, changed, deactivated with immediate effect; never out of another organization."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import (
    Conflict,
    Forbidden,
    HomewardError,
    InvalidInput,
    NotFound,
    StaleRevision,
)
from marketplace.identity import clients, links, organizations, users
from marketplace.identity.signing_in import Outcome
from marketplace.identity.words import UserState
from tests.integration.identity.neighbourhood import HERE, Neighbourhood

EMAIL = "robin@mercy.example"


@pytest.fixture
def robin(place: Neighbourhood) -> UUID:
    return place.person("mercy", EMAIL, "planner")


def test_deactivation_ends_sessions_tokens_and_links_in_the_same_moment(
    place: Neighbourhood, robin: UUID
) -> None:
    cookie = place.cookie(EMAIL)
    with place.acting("mercy", "planner", user_id=robin) as session:
        token = clients.issue_user_token(session, name="script").token
    with place.nobody() as session:
        links.request_reset(session, EMAIL, HERE)
    link = place.last_link("mercy").rpartition("/")[2]
    with place.acting("mercy") as session:
        users.deactivate(session, robin, "left the hospital")
    assert place.actor_behind(cookie) == NOBODY
    with place.nobody() as session:
        assert clients.actor_for_token(session, token) == NOBODY
    with place.nobody() as session, pytest.raises(NotFound):
        links.reset_password(session, link, "three patient herons", HERE)
    assert place.sign_in(EMAIL).outcome is Outcome.REFUSED


def test_a_deactivated_user_comes_back_by_a_new_invitation_only(place: Neighbourhood, robin: UUID) -> None:
    with place.acting("mercy") as session:
        users.deactivate(session, robin)
        users.reactivate(session, robin)
    assert place.sign_in(EMAIL).outcome is Outcome.REFUSED
    token = place.last_link("mercy").rpartition("/")[2]
    with place.nobody() as session:
        assert links.accept_invitation(session, token, "three patient herons", HERE).cookie


@pytest.mark.parametrize("verb", [users.deactivate, users.reactivate, users.invite_again, users.user])
def test_foreign_and_missing_users_are_not_found_alike(place: Neighbourhood, robin: UUID, verb: Any) -> None:
    for user_id in (robin, UUID(int=7)):
        with place.acting("swift-rides") as session, pytest.raises(NotFound) as refused:
            verb(session, user_id)
        assert refused.value.detail == NotFound().detail
    assert place.user("mercy", robin).state is UserState.ACTIVE


def test_nobody_deactivates_the_last_administrator_nor_oneself(place: Neighbourhood) -> None:
    boss = place.person("mercy", "boss@mercy.example", "org_admin", name="Alex Boss")
    with place.acting("mercy") as session, pytest.raises(Conflict, match="only administrator"):
        users.deactivate(session, boss)
    with place.acting("mercy", user_id=boss) as session, pytest.raises(Conflict, match="yourself"):
        users.deactivate(session, boss)


def test_two_administrators_who_deactivate_each_other_leave_one(place: Neighbourhood) -> None:
    pair = [place.person("mercy", f"boss{n}@mercy.example", "org_admin", name="Alex Boss") for n in range(2)]

    def shut_out(number: int) -> bool:
        try:
            with place.acting("mercy", user_id=pair[1 - number]) as session:
                users.deactivate(session, pair[number])
        except HomewardError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(shut_out, range(2))) == 1


def test_the_last_administrator_keeps_the_role(place: Neighbourhood) -> None:
    boss = place.person("mercy", "boss@mercy.example", "org_admin", name="Alex Boss")
    revision = place.user("mercy", boss).revision
    with place.acting("mercy") as session, pytest.raises(Conflict):
        users.change_user(session, boss, name="Alex Boss", roles=["planner"], revision=revision)
    assert place.user("mercy", boss).roles == ["org_admin"]


def test_a_stale_change_is_refused(place: Neighbourhood, robin: UUID) -> None:
    revision = place.user("mercy", robin).revision
    with place.acting("mercy") as session:
        users.change_user(session, robin, name="Robin Hill", roles=["planner"], revision=revision)
    with place.acting("mercy") as session, pytest.raises(StaleRevision):
        users.change_user(session, robin, name="Robin Dale", roles=["planner"], revision=revision)
    assert place.user("mercy", robin).name == "Robin Hill"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b@c.org"}, "email"),
        ({"email": "x" * 250 + "@a.org"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x07b"}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["driver"]}, "roles"),
        ({"roles": ["platform_admin"]}, "roles"),
        ({"facility_ids": [UUID(int=3)]}, "facilities"),
    ],
)
def test_a_bad_invitation_names_the_field_and_saves_nothing(
    place: Neighbourhood, change: dict[str, object], field: str
) -> None:
    good = {"email": "new@mercy.example", "name": "New Person", "roles": ["planner"]}
    with pytest.raises(InvalidInput) as refused, place.acting("mercy") as session:
        users.invite(session, **(good | change))  # type: ignore[arg-type]
    assert [error.field for error in refused.value.errors] == [field]
    assert place.owner("SELECT count(*) FROM users")[0][0] == 0
    assert place.owner("SELECT count(*) FROM mails")[0][0] == 0


def test_an_address_belongs_to_one_account_of_the_whole_house(place: Neighbourhood, robin: UUID) -> None:
    with place.acting("swift-rides") as session, pytest.raises(Conflict, match="already belongs"):
        users.invite(session, email="Robin@mercy.example", name="Robin", roles=["driver"])


def test_inviting_needs_an_administrator_and_elsewhere_the_platform(place: Neighbourhood) -> None:
    someone = {"email": "new@mercy.example", "name": "New Person", "roles": ["planner"]}
    with place.acting("mercy", "planner") as session, pytest.raises(Forbidden):
        users.invite(session, **someone)  # type: ignore[arg-type]
    with place.acting("swift-rides") as session, pytest.raises(Forbidden):
        users.invite(session, **someone, organization_id=place.ids["mercy"])  # type: ignore[arg-type]
    with place.acting("homeward", "platform_admin") as session:
        invited = users.invite(session, **someone, organization_id=place.ids["mercy"])  # type: ignore[arg-type]
        assert session.actor.organization_id == place.ids["homeward"]
    assert place.user("mercy", invited.id).organization_id == place.ids["mercy"]


def test_a_user_works_at_the_named_facilities_or_at_all(place: Neighbourhood, robin: UUID) -> None:
    with place.acting("mercy") as session:
        made = [
            organizations.add_facility(
                session, name=name, address="1 Main St, Springfield, IL", postal_code="62701", latitude=39.8,
                longitude=-89.6, time_zone="America/Chicago", unit_names=["4 West"],
            ).id
            for name in ("North", "South")
        ]  # fmt: skip
    cookie = place.cookie(EMAIL)
    assert place.actor_behind(cookie).facility_ids == set(made)
    with place.acting("mercy") as session:
        users.change_user(
            session, robin, name="Robin Field", roles=["planner"], facility_ids=made[:1],
            revision=users.user(session, robin).revision,
        )  # fmt: skip
    assert place.actor_behind(cookie).facility_ids == set(made[:1])
