"""Pages behind mailed links: accept an invitation, ask for a new password, choose it."""

from __future__ import annotations

from flask import Response

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import unit_of_work
from marketplace.identity import links
from marketplace.identity.blueprints import door
from marketplace.identity.door_views import after_password
from marketplace.identity.schemas import EmailForm, NewPasswordForm
from marketplace.identity.web_actor import here
from marketplace.identity.words import TokenPurpose
from marketplace.web import current
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import render


@door.route("/forgot-password", methods=["GET", "POST"])
def forgot() -> Response:
    """Ask for a link; the answer is the same for every address."""
    form = form_for(EmailForm)
    if form.ok:
        with unit_of_work(current.runtime(), NOBODY) as work:
            links.request_reset(work, form.data["email"], here())
        return render("identity/link_sent.html", email=form.data["email"])
    return render("identity/forgot.html", form=form)


@door.route("/reset-password/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response:
    """Choose a new password at a reset link."""
    return _choose(token, TokenPurpose.PASSWORD_RESET)


@door.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Response:
    """Choose the first password at an invitation's link."""
    return _choose(token, TokenPurpose.INVITATION)


def _choose(token: str, purpose: TokenPurpose) -> Response:
    with unit_of_work(current.runtime(), NOBODY) as work:
        account = links.account_behind(work, token, purpose)
    form = form_for(NewPasswordForm)
    require_same(form)
    if form.ok:
        verb = links.reset_password if purpose is TokenPurpose.PASSWORD_RESET else links.accept_invitation
        try:
            with unit_of_work(current.runtime(), NOBODY) as work:
                result = verb(work, token, form.data["password"], here())
        except InvalidInput as refused:
            for found in refused.errors:
                form.refuse(found.field, found.message)
        else:
            return after_password(result, "/")
    return render("identity/choose_password.html", form=form, account=account, purpose=purpose)


def require_same(form: Form) -> None:
    """A new password is typed twice, so that it is known."""
    if form.ok and form.data["password"] != form.data["repeated"]:
        form.refuse("repeated", "The two passwords differ. Type the new one again.")
