"""Swagger UI and ReDoc, with every asset served by us: they work with no internet access."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, render_template, send_from_directory

from diecast_api.web.auth import public

ASSET_MAX_AGE_SECONDS = 86_400
# Nothing on these pages may come from, or go to, anybody else. ReDoc searches in a worker that it
# makes from a blob, and would fetch its makers' logo.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-ancestors 'none'"
)
SWAGGER_ASSETS = Path(str(files("flask_swagger_ui") / "dist"))

blueprint = Blueprint(
    "docs",
    __name__,
    static_folder="static",
    static_url_path="/docs/static",
    template_folder="templates",
)


@blueprint.get("/docs")
@public
def swagger_ui() -> str:
    """The interactive documentation."""
    return render_template("swagger_ui.html")


@blueprint.get("/redoc")
@public
def redoc() -> str:
    """The documentation for reading."""
    return render_template("redoc.html")


@blueprint.after_request
def keep_to_ourselves(response: Response) -> Response:
    """Have the browser hold the pages to what is served by us."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@blueprint.get("/docs/assets/<path:filename>")
@public
def swagger_asset(filename: str) -> Response:
    """A file of Swagger UI, as its package ships it."""
    return send_from_directory(SWAGGER_ASSETS, filename, max_age=ASSET_MAX_AGE_SECONDS)
