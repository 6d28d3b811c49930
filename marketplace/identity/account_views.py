"""One's own account: password, second factor, sessions, tokens, appearance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from marketplace.foundation.access import ActorKind
from marketplace.foundation.errors import Forbidden, NotSignedIn
from marketplace.foundation.work import unit_of_work
from marketplace.identity import clients, links, passwords, second_factor, sessions, throttle
from marketplace.identity.blueprints import door
from marketplace.identity.door_models import UserSecret
from marketplace.identity.door_views import wait_words
from marketplace.identity.models import Organization, User
from marketplace.identity.reset_views import require_same
from marketplace.identity.schemas import ChangePasswordForm, CodeForm, PresentPasswordForm, TokenForm
from marketplace.identity.signing_in import Account, needs_second_factor
from marketplace.identity.words import ROLE_LABELS
from marketplace.web import current
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render


@door.get("/account")
def account() -> Response:
    """Everything about the acting user that the user may change."""
    return _account_page()


@door.route("/account/password", methods=["GET", "POST"])
def password() -> Response:
    """Choose another password; the other sessions end."""
    mine = _own_account()
    form = form_for(ChangePasswordForm)
    require_same(form)
    if form.ok:
        _prove(form)
    if form.ok:
        with form.refusals():
            work = current.session()
            links.set_password(work, mine, form.data["password"])
            sessions.end_sessions(work, mine.user.id, "password changed", except_id=_this_session())
        if form.ok:
            return go(url_for("identity.account"), "Your password is changed. Other devices are signed out.")
    return render("identity/password.html", form=form)


@door.route("/account/authenticator", methods=["GET", "POST"])
def authenticator() -> Response:
    """Set up an authenticator app for an account that can do without (the demo's)."""
    mine = _own_account()
    form = form_for(CodeForm)
    work = current.session()
    enrolment = second_factor.begin_enrolment(work, work.actor)
    if form.ok:
        codes = second_factor.confirm_enrolment(work, work.actor, form.data["code"])
        if codes:
            onward = url_for("identity.account")
            return render("identity/recovery_codes.html", codes=codes, onward=onward, first=True)
        form.refuse("code", "This code is not right. Enter the one the app shows now.")
    return render("identity/set_up.html", form=form, enrolment=enrolment, name=mine.user.name)


@door.route("/account/recovery-codes", methods=["GET", "POST"])
def recovery_codes() -> Response:
    """Ten new recovery codes in place of the old ones."""
    _own_account()
    form = form_for(PresentPasswordForm)
    if form.ok:
        _prove(form)
    if form.ok:
        codes = second_factor.renew_recovery_codes(current.session(), current.actor())
        onward = url_for("identity.account")
        return render("identity/recovery_codes.html", codes=codes, onward=onward, first=False)
    return render(
        "identity/prove.html", form=form, what="New recovery codes", button="Make new codes",
        why="The codes you have stop working as soon as the new ones are made.",
    )  # fmt: skip


@door.route("/account/authenticator/remove", methods=["GET", "POST"])
def remove_authenticator() -> Response:
    """Forget the authenticator app; whoever needs one sets up the next at once."""
    mine = _own_account()
    form = form_for(PresentPasswordForm)
    if form.ok:
        _prove(form)
    if form.ok:
        work = current.session()
        second_factor.remove_second_factor(work, mine.user.id)
        stays = None if needs_second_factor(work, mine.user) else _this_session()
        sessions.end_sessions(work, mine.user.id, "second factor removed", except_id=stays)
        return go(url_for("identity.account"), "The authenticator app is removed.")
    return render(
        "identity/prove.html", form=form, what="Remove the authenticator app", button="Remove it",
        why="You will be signed out everywhere, and set up a new one when you sign in.",
    )  # fmt: skip


@door.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Response:
    """Sign out another device."""
    _own_account()
    sessions.end_own_session(current.session(), session_id)
    return go(url_for("identity.account"), "That device is signed out.")


@door.post("/account/tokens")
def issue_token() -> Response:
    """A bearer token for one's own programs, shown this once."""
    _own_account()
    form = form_for(TokenForm)
    issued = None
    if form.ok:
        with form.refusals():
            issued = clients.issue_user_token(current.session(), **form.data)
    return _account_page(token_form=form, issued=issued)


@door.post("/account/tokens/<uuid:token_id>/revoke")
def revoke_token(token_id: UUID) -> Response:
    """End one of one's own tokens."""
    _own_account()
    clients.revoke_own_token(current.session(), token_id)
    return go(url_for("identity.account"), "The token no longer works.")


def _account_page(**extra: Any) -> Response:
    mine = _own_account()
    work = current.session()
    context: dict[str, Any] = {
        "mine": mine,
        "roles": [ROLE_LABELS.get(role, role) for role in mine.user.roles],
        "sessions": sessions.own_sessions(work),
        "this_session": _this_session(),
        "tokens": clients.own_tokens(work),
        "codes_left": second_factor.recovery_codes_left(work, mine.user.id),
        "second_factor_due": needs_second_factor(work, mine.user),
        "token_form": Form({"days": 30}),
        "issued": None,
    }
    return render("identity/account.html", **(context | extra))


def _own_account() -> Account:
    actor = current.actor()
    if actor.kind is ActorKind.NOBODY:
        raise NotSignedIn
    if actor.kind is not ActorKind.USER or not current.binding():
        raise Forbidden("An account is changed by its user at a browser, not by a program.")
    work = current.session()
    user = work.get_one(User, actor.user_id)
    return Account(user, work.get_one(Organization, user.organization_id), work.get(UserSecret, user.id))


def _this_session() -> UUID:
    return UUID(current.binding())


def _prove(form: Form) -> None:
    """Check the present password; failures are counted in a unit of work of their own."""
    with unit_of_work(current.runtime(), current.actor()) as work:
        who = str(current.actor().user_id)
        wait = throttle.seconds_to_wait(work, "account", who)
        secret = work.get(UserSecret, current.actor().user_id)
        if wait:
            form.refuse("present", wait_words(wait))
        elif not passwords.matches(secret.password_hash if secret else "", form.data["present"]):
            throttle.count_failure(work, "account", who)
            form.refuse("present", "This is not your present password.")
        else:
            throttle.forget(work, "account", who)
