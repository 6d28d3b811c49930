"""Build hook: whenever the Python package is built or installed, the browser code is built with it."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path("marketplace/web/frontend")
OUTPUT = Path("marketplace/web/static/dist")


class FrontendBuildHook(BuildHookInterface[Any]):
    """Lets the front end's own build script write its bundle into the package before the files are collected.

    A wheel also carries the migrations, inside the package; an editable install finds them beside it.
    Works from a clone, for an editable install, and from an unpacked source distribution; needs no Node
    on the PATH, no HOME, and only as much network as the locked packages.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the front end; its script is loaded by path, for the package is not installed yet."""
        if version == "standard":
            build_data["force_include"]["migrations"] = "marketplace/migrations"
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location("homeward_frontend_build", root / FRONTEND / "build.py")
        if spec is None or spec.loader is None:
            raise ImportError(f"{root / FRONTEND / 'build.py'} cannot be loaded")
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.app.display_info(f"Front end built: {script.build_frontend(root / FRONTEND, root / OUTPUT)}")
