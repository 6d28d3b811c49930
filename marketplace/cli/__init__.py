"""The `homeward` command: each subcommand is loaded when it is called, so that small ones start fast.

Data goes to stdout, talk to stderr. Exit codes: 0 fine, 1 refused, 2 usage, 3 infeasible, 4 unavailable.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import entry_points
from typing import Any

import click

from marketplace.foundation.loading import uncollected

COMMANDS = {
    "up": "marketplace.cli.processes:up",
    "serve": "marketplace.cli.processes:serve",
    "worker": "marketplace.cli.processes:worker_command",
    "relay": "marketplace.cli.processes:relay_command",
    "db": "marketplace.cli.database:db",
    "verify": "marketplace.cli.database:verify",
    "audit": "marketplace.cli.database:audit_group",
    "clock": "marketplace.cli.database:clock_group",
    "doctor": "marketplace.cli.doctor:doctor",
    "found": "marketplace.cli.founding:found",
    "demo": "marketplace.cli.demo:demo",
    "day": "marketplace.cli.day:day",
}


class LazyGroup(click.Group):
    """A group whose commands live in modules that are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Our own commands, then those that installed packages bring."""
        return [*COMMANDS, *(point.name for point in entry_points(group="homeward.commands"))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command by name, imported now."""
        if target := COMMANDS.get(cmd_name):
            module, _, attribute = target.partition(":")
            with uncollected():
                loaded = importlib.import_module(module)
            return _as_command(getattr(loaded, attribute))
        for point in entry_points(group="homeward.commands", name=cmd_name):
            with uncollected():
                return _as_command(point.load())
        return None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="homeward")
def cli() -> None:
    """Homeward: rides, equipment and home health, booked against a discharge, planned as one."""


def main() -> None:
    """Entry point: refusals become one clear line on stderr and their exit code."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.Abort:
        sys.exit(1)
    except Exception as problem:  # the boundary of the program: known refusals get a line, others a traceback
        # Errors are told apart by classes of the database and the engines: loaded only when there is one.
        from marketplace.cli.exits import exit_code_of

        code = exit_code_of(problem)
        if code is None:
            raise
        click.echo(f"homeward: {problem}", err=True)
        sys.exit(code)


def _as_command(found: Any) -> click.Command:
    if not isinstance(found, click.Command):
        raise TypeError(f"{found!r} is not a command")
    return found
