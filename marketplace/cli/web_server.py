"""gunicorn with the product's application: loaded once, forked, with pools opened after the fork."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

from marketplace.config import runtime_for
from marketplace.foundation.loading import uncollected
from marketplace.foundation.settings import Settings


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """The web process: `processes` forks of one loaded application, `threads` requests each at a time."""

    def __init__(self, settings: Settings, bind: str, processes: int, threads: int) -> None:
        self._settings = settings
        self._options = {
            "bind": bind,
            "workers": processes,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 3,
            "keepalive": 30,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108  heartbeats must not wait for a disk
            "limit_request_line": 8190,
            "forwarded_allow_ips": settings.text("FORWARDED_ALLOW_IPS", "127.0.0.1"),
            "post_fork": self._after_fork,
            "worker_exit": _leave_at_once,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn our options; unknown ones of older versions are left out."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application."""
        _share_metrics(self._settings)
        with uncollected():
            from marketplace.app import create_app
            from marketplace.foundation.geography import load_places

            load_places()
            self._runtime = runtime_for(self._settings)
            app = create_app(self._runtime)
        gc.freeze()  # the forks share what is loaded instead of copying it
        return app

    def _after_fork(self, _arbiter: Any, _worker: Any) -> None:
        self._runtime.databases.dispose()


def _leave_at_once(_arbiter: Any, _worker: Any) -> None:
    """Ends a web process whose requests are done: tidying up the interpreter takes a second for nothing."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _share_metrics(settings: Settings) -> None:
    """Let the web processes count into one folder, emptied at every start."""
    folder = settings.data_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
