"""Every blueprint of the second floor."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint


def all_of_them() -> Sequence[Blueprint]:
    """Pages and JSON routes."""
    from vendors.cancellations.api import api as contracts_api
    from vendors.cancellations.views import views as contract_views
    from vendors.credentials.api import api as credentials_api
    from vendors.credentials.views import views as credential_views
    from vendors.fleet.api import api as fleet_api
    from vendors.fleet.views import views as fleet_views
    from vendors.network.views import views as rate_views
    from vendors.offers.api import api as offers_api
    from vendors.portal import award_views, planner_views, search_views, ways_out_views  # noqa: F401  pages
    from vendors.portal.code_views import views as code_views
    from vendors.portal.views import views as portal_views
    from vendors.sourcing.api import api as sourcing_api

    return [
        portal_views,
        code_views,
        fleet_views,
        credential_views,
        rate_views,
        contract_views,
        contracts_api.blueprint,
        offers_api.blueprint,
        fleet_api.blueprint,
        credentials_api.blueprint,
        sourcing_api.blueprint,
    ]
