"""A person's line to the product: JSON over HTTP with a bearer token, kept open, timed, retried."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

TRIES = 4
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the document (a page's text for pages)."""

    status: int
    document: Any

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def items(self) -> list[dict[str, Any]]:
        """The things of a list; none when it was refused."""
        return list(self.document["items"]) if self.good else []

    @property
    def why(self) -> str:
        """The refusal in a word: the problem's code, or its first wrong field."""
        if not isinstance(self.document, dict):
            return str(self.status)
        wrong = self.document.get("errors") or []
        first = wrong[0] if wrong and isinstance(wrong[0], dict) else {}
        return str(first.get("field") or self.document.get("code") or self.status)


@dataclass
class Record:
    """What all lines together have seen; filled by many threads."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    deeds: Counter[str] = field(default_factory=Counter)
    """What the actors did, by a word for it."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def did(self, deed: str) -> None:
        """Count something an actor has done."""
        with self._lock:
            self.deeds[deed] += 1

    def answered(self, what: str, answer: Answer, seconds: float) -> None:
        """Note an answer; a 5xx is trouble, a 4xx a refusal as real people get them."""
        with self._lock:
            self.milliseconds.append(seconds * 1000)
            self.statuses[answer.status] += 1
            if answer.status >= 500 or answer.status == 0:
                self.troubles.append(f"{what}: {answer.status} {str(answer.document)[:200]}")
            elif not answer.good:
                self.refusals[f"{what}: {answer.status} {answer.why}"] += 1


class Line:
    """One person's line; every thread that uses it gets a connection of its own."""

    def __init__(self, base_url: str, token: str, record: Record) -> None:
        found = urlsplit(base_url)
        self._host, self._port, self._token = found.hostname or "", found.port or 80, token
        self._record = record
        self._own = threading.local()

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """Look at something."""
        return self._send("GET", _with(path, query), None, {})

    def post(self, path: str, body: Any = None) -> Answer:
        """Do something once, however often the line breaks meanwhile."""
        return self._send("POST", path, body, {"Idempotency-Key": str(uuid4())})

    def page(self, path: str) -> tuple[int, str, float]:
        """A page as a browser gets it: status, text, and the seconds until its last byte; not recorded."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/html"}
        began = time.perf_counter()
        try:
            status, body, _ = self._once("GET", path, None, headers)
        except (OSError, http.client.HTTPException):
            self._hang_up()
            status, body = 0, b""
        return status, body.decode(errors="replace"), time.perf_counter() - began

    def _send(self, method: str, path: str, body: Any, extra: dict[str, str]) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **extra}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer, began = Answer(0, "no answer"), time.perf_counter()
        for turn in range(TRIES):
            try:
                status, text, kind = self._once(method, f"/api/v1{path}", content, headers)
            except (OSError, http.client.HTTPException) as problem:
                self._hang_up()
                answer = Answer(0, type(problem).__name__)
            else:
                answer = Answer(status, json.loads(text) if "json" in kind and text else text.decode())
                if status not in (429, 502, 503):
                    break
            time.sleep(0.3 * (turn + 1))
        self._record.answered(f"{method} {_shape(path)}", answer, time.perf_counter() - began)
        return answer

    def _once(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE_SECONDS)
            self._own.connection = connection
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        body = response.read()
        return response.status, body, response.headers.get("Content-Type", "")

    def _hang_up(self) -> None:
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
            self._own.connection = None


def _with(path: str, query: Mapping[str, Any] | None) -> str:
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def _shape(path: str) -> str:
    """The path with its identifiers left out, for counting."""
    parts = path.partition("?")[0].split("/")
    return "/".join("*" if len(part) == 36 and part.count("-") == 4 else part for part in parts)
