"""`homeward found`: the first organization and administrator of a new installation."""

from __future__ import annotations

import click

from marketplace.cli.schema import upgrade_database
from marketplace.config import open_runtime
from marketplace.identity.founding import found_platform


@click.command()
@click.option("--name", required=True, help="The organization that runs this installation.")
@click.option("--time-zone", default="America/New_York", show_default=True, help="IANA name.")
@click.option("--admin-name", required=True, help="The first administrator's full name.")
@click.option("--admin-email", required=True, help="Where the invitation goes.")
def found(name: str, time_zone: str, admin_name: str, admin_email: str) -> None:
    """Set up a new installation and invite its first administrator; refused when there is one already."""
    with open_runtime() as runtime:
        click.echo(upgrade_database(runtime), err=True)
        link, mailed = found_platform(
            runtime, name=name, time_zone=time_zone, admin_name=admin_name, admin_email=admin_email
        )
    click.echo(link)
    click.echo("the invitation was mailed" if mailed else "no mail server set: hand this link over", err=True)
