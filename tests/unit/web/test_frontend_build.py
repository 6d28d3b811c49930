"""The browser code's build, as far as it needs no network."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from marketplace.web.frontend import build

SOURCE = Path(build.__file__).parent
STATIC = SOURCE.parent / "static"


def test_unchanged_sources_are_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "dist"
    shutil.copytree(STATIC / "dist", output)
    files = json.loads((output / "manifest.json").read_text())["files"]
    (output / "manifest.json").write_text(json.dumps({"digest": build._digest(SOURCE), "files": files}))
    monkeypatch.setenv("PATH", "")
    before = (output / "manifest.json").stat().st_mtime_ns
    assert build.build_frontend(SOURCE, output) == output / "manifest.json"
    assert (output / "manifest.json").stat().st_mtime_ns == before


def test_the_digest_follows_every_source(tmp_path: Path) -> None:
    copy = tmp_path / "frontend"
    shutil.copytree(SOURCE, copy)
    first = build._digest(copy)
    (copy / "styles" / "tokens.css").write_text("/* changed */")
    assert build._digest(copy) != first


def test_the_lock_file_holds_no_addresses_and_pins_everything() -> None:
    lock = (SOURCE / "package-lock.json").read_text()
    assert "http" not in lock
    assert '"resolved"' not in lock
    package = json.loads((SOURCE / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
