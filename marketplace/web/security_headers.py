"""Headers on every answer: a strict content policy, no framing, no sniffing, no caching of pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from marketplace.web import current

ONE_YEAR_SECONDS = 31_536_000


def content_policy(tile_url: str = "") -> str:
    """Only our own files, no inline code or style, no frames; images also from the settings' tile server."""
    tiles = urlsplit(tile_url.replace("{s}", "*"))
    images = f" {tiles.scheme}://{tiles.netloc}" if tiles.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
        f"img-src 'self' data:{images}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "manifest-src 'self'; object-src 'none'"
    )


def _harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy(current.runtime().settings.text("TILE_URL")))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_SECONDS}; includeSubDomains")
    if request.endpoint == "web.static" and response.status_code == 200:
        headers["Cache-Control"] = f"public, max-age={ONE_YEAR_SECONDS}, immutable"
    elif not request.endpoint or not request.endpoint.endswith("static"):
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "HX-Request")
    return response


def install(app: Flask) -> None:
    """Put the headers on every answer of the application, problems included."""
    app.after_request(_harden)
