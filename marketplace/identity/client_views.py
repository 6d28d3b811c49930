"""Administration of API clients: make one, see its secret once, revoke it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from marketplace.identity import clients
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.admin_frame import own_organization, role_choices, tabs
from marketplace.identity.blueprints import admin
from marketplace.identity.schemas import ClientSchema
from marketplace.identity.words import ROLE_LABELS
from marketplace.web import current
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render


@admin.route("/clients", methods=["GET", "POST"], endpoint="clients")
def clients_page() -> Response:
    """The systems that act for this organization; the form makes one, and shows its secret this once."""
    current.actor().require(*ADMINISTRATORS)
    form = form_for(ClientSchema)
    made = None
    if form.ok:
        with form.refusals():
            made = clients.create_client(current.session(), **form.data)
            form = Form({})
    return render(
        "identity/admin/clients.html",
        tabs=tabs(),
        form=form,
        made=made,
        clients=clients.clients(current.session()),
        role_options=role_choices(own_organization()),
        labels=ROLE_LABELS,
        token_url=url_for("identity.oauth_token", _external=True),
    )


@admin.post("/clients/<uuid:client_id>/revoke")
def revoke_client(client_id: UUID) -> Response:
    """End a client and all its tokens."""
    revoked = clients.revoke_client(current.session(), client_id)
    return go(url_for("admin.clients"), f"{revoked.name} no longer has access.")
