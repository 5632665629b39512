"""What tests of the catalogue share."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from diecast_api import create_app
from diecast_api.clients.storage import Storage
from diecast_api.config import Settings
from diecast_api.extensions import db
from tests.support.people import Person


@pytest.fixture
def make_category(client: FlaskClient, owner: Person) -> Callable[..., dict[str, Any]]:
    """Create a category over the API."""

    def make(name: str, **fields: Any) -> dict[str, Any]:
        response = client.post(
            "/api/v1/categories", json={"name": name, **fields}, headers=owner.headers
        )
        assert response.status_code == 201, response.json
        category: dict[str, Any] = response.json
        return category

    return make


@pytest.fixture
def send_images(client: FlaskClient, owner: Person) -> Callable[..., TestResponse]:
    """Post files to a product: contents, or pairs of a content and a filename."""

    def send(
        product_id: str, *files: bytes | tuple[bytes, str], headers: dict[str, str] | None = None
    ) -> TestResponse:
        named = [file if isinstance(file, tuple) else (file, "car.jpg") for file in files]
        # The client would put a large body into a file, and forget to close it.
        boundary, body = encode_multipart(
            MultiDict(("files", FileStorage(io.BytesIO(content), name)) for content, name in named)
        )
        return client.post(
            f"/api/v1/products/{product_id}/images",
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=owner.headers if headers is None else headers,
        )

    return send


@pytest.fixture
def storage(app: Flask) -> Storage:
    """The object store, with nothing in it."""
    store: Storage = app.extensions["storage"]
    for prefix in ("public/", "staging/"):
        for found in store.list(prefix):
            store.delete(found.key)
    return store


@pytest.fixture
def window(client: FlaskClient) -> Callable[..., list[str]]:
    """The names of the products that a query finds, in their order."""

    def names(query: str = "") -> list[str]:
        response = client.get(f"/api/v1/products?{query}")
        assert response.status_code == 200, response.json
        return [item["name"] for item in response.json["items"]]

    return names


@pytest.fixture
def app_without_store(environment: dict[str, str], database: None) -> Iterator[Flask]:
    """The shop with its object store away."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{unused.getsockname()[1]}"
    settings = replace(Settings.from_environment(environment), minio_endpoint=nowhere)
    application = create_app(settings)
    yield application
    with application.app_context():
        db.engine.dispose()
