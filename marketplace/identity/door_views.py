"""The door: sign in, second factor, setting one up, sign out.

Whatever is counted or audited at the door is committed at once, in a unit of work of its own, so that
a refusal is not undone with its request.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, g, request, url_for
from flask import session as browser

from marketplace.foundation.access import NOBODY, ActorKind
from marketplace.foundation.errors import NotSignedIn
from marketplace.foundation.work import unit_of_work
from marketplace.identity import demo, second_factor, sessions, signing_in
from marketplace.identity.blueprints import door
from marketplace.identity.schemas import CodeForm, SignInForm
from marketplace.identity.sessions import LiveSession
from marketplace.identity.signing_in import Outcome, SignedIn
from marketplace.identity.web_actor import half_open, hand_out, here, take_back
from marketplace.identity.words import ROLE_LABELS, SessionStage
from marketplace.web import current
from marketplace.web.display import words
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render, safe_next

WRONG = "Address and password do not fit together, or this account does not sign in."
_NEXT = "after_sign_in"


@door.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """Address and password."""
    if current.actor().kind is not ActorKind.NOBODY:
        return go(safe_next(request.args.get("next"), "/"))
    form = form_for(SignInForm, {"next": request.args.get("next", "")})
    if form.ok:
        with unit_of_work(current.runtime(), NOBODY) as work:
            result = signing_in.sign_in(work, form.data["email"], form.data["password"], here())
        if result.cookie:
            return after_password(result, form.data["next"])
        form.refuse("password", wait_words(result.wait_seconds) if result.wait_seconds else WRONG)
    return render("identity/sign_in.html", _status_of(form), form=form, people=_people())


@door.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Response:
    """The code of the authenticator app, or a recovery code."""
    live = _half_open_at(SessionStage.SECOND_FACTOR)
    form = form_for(CodeForm)
    if form.ok:
        with unit_of_work(current.runtime(), NOBODY) as work:
            checked = second_factor.check_at_sign_in(work, live, form.data["code"], here())
        if checked.right:
            return hand_out(go(_go_on()), checked.cookie)
        form.refuse("code", wait_words(checked.wait_seconds) if checked.wait_seconds else _WRONG_CODE)
    return render("identity/code.html", form=form, name=live.user.name)


@door.route("/sign-in/set-up", methods=["GET", "POST"])
def set_up() -> Response:
    """Set up the authenticator app that every account needs; ends on the recovery codes, shown once."""
    live = _half_open_at(SessionStage.ENROLMENT)
    form = form_for(CodeForm)
    with unit_of_work(current.runtime(), live.actor) as work:
        enrolment = second_factor.begin_enrolment(work, live.actor)
        codes = second_factor.confirm_enrolment(work, live.actor, form.data["code"]) if form.ok else None
        cookie = second_factor.finish_enrolment(work, live, here()) if codes else ""
    if codes:
        page = render("identity/recovery_codes.html", codes=codes, onward=_go_on(), first=True)
        return hand_out(page, cookie)
    if form.ok:
        form.refuse("code", _WRONG_CODE)
    return render("identity/set_up.html", form=form, enrolment=enrolment, name=live.user.name)


@door.post("/sign-out")
def sign_out() -> Response:
    """End this session on the server and in the browser."""
    if current.binding() and current.actor().kind is ActorKind.USER:
        sessions.end_own_session(current.session(), UUID(current.binding()))
    browser.clear()
    return take_back(go(url_for("identity.sign_in"), "You have signed out."))


def after_password(result: SignedIn, onward: str) -> Response:
    """Send the browser on from a proven password: to its work, its code, or setting one up."""
    if result.outcome is Outcome.SIGNED_IN:
        return hand_out(go(safe_next(onward, "/")), result.cookie)
    browser[_NEXT] = safe_next(onward, "/")
    endpoint = "identity.code" if result.outcome is Outcome.SECOND_FACTOR else "identity.set_up"
    return hand_out(go(url_for(endpoint)), result.cookie)


def wait_words(seconds: int) -> str:
    """How long somebody has to wait, in words."""
    minutes = -(-seconds // 60)
    span = f"{seconds} seconds" if seconds < 60 else "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many attempts. Try again in {span}."


_WRONG_CODE = "This code is not right, or it has been used. Enter the one the app shows now."


def _status_of(form: Form) -> int:
    return 429 if "Too many" in form.error("password") else 401 if form.error("password") == WRONG else 200


def _half_open_at(stage: SessionStage) -> LiveSession:
    live = half_open()
    if live is None or live.stage is not stage:
        raise NotSignedIn
    g.organization_name = live.organization.name
    return live


def _go_on() -> str:
    return safe_next(browser.pop(_NEXT, None), "/")


def _people() -> dict[str, list[dict[str, str]]]:
    """The demo's people by organization, for the one-press sign-ins."""
    found: dict[str, list[dict[str, str]]] = {}
    for person in demo.demo_sign_ins(current.session()):
        found.setdefault(person.organization_name, []).append(
            {
                "name": person.name,
                "role": ROLE_LABELS.get(person.role, words(person.role)),
                "email": person.email,
                "password": person.password,
            }
        )
    return found
