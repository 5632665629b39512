"""The object store, over the MinIO SDK: any S3 server will do.

Objects under `public/` may be read by anybody at stable addresses; everything else is private.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import urllib3
from flask import current_app
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from diecast_api.config import Settings
from diecast_api.errors import StorageUnavailable

PUBLIC_PREFIX = "public/"
STAGING_PREFIX = "staging/"
REGION = "us-east-1"
ONE_YEAR = "public, max-age=31536000, immutable"
CONNECT_TIMEOUT_SECONDS = 2.0
READ_TIMEOUT_SECONDS = 15.0


class StoredObject(NamedTuple):
    """A key and when it was last written (UTC)."""

    key: str
    modified_at: datetime


class Storage:
    """Puts, gets and deletes objects of one bucket.

    Every method raises `StorageUnavailable` where the store does not answer or answers nonsense.
    """

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.minio_bucket
        self._public_base = f"{settings.minio_public_url}/{settings.minio_bucket}"
        self._client = Minio(
            settings.minio_endpoint,
            access_key=settings.minio_access_key,
            secret_key=settings.minio_secret_key,
            secure=settings.minio_secure,
            region=REGION,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
                retries=urllib3.Retry(1, connect=0, read=0, status=0, redirect=0),
                maxsize=32,
            ),
        )

    def initialise(self) -> None:
        """Make the bucket and let anybody read what is public in it. The same twice."""
        with _translated_errors():
            if not self._client.bucket_exists(bucket_name=self._bucket):
                self._client.make_bucket(bucket_name=self._bucket)
            self._client.set_bucket_policy(
                bucket_name=self._bucket, policy=json.dumps(self._public_read_policy())
            )

    def check(self) -> None:
        """Ask whether the bucket is there."""
        with _translated_errors():
            if not self._client.bucket_exists(bucket_name=self._bucket):
                raise StorageUnavailable

    def put(self, key: str, content: bytes, content_type: str, *, cache: str | None = None) -> None:
        """Store an object whole; `cache` is its `Cache-Control`."""
        with _translated_errors():
            self._client.put_object(
                bucket_name=self._bucket,
                object_name=key,
                data=io.BytesIO(content),
                length=len(content),
                content_type=content_type,
                metadata={"Cache-Control": cache} if cache else None,
            )

    def get(self, key: str) -> bytes | None:
        """An object whole, None where there is none."""
        with _translated_errors():
            try:
                response = self._client.get_object(bucket_name=self._bucket, object_name=key)
            except S3Error as error:
                if error.code == "NoSuchKey":
                    return None
                raise
            try:
                return response.read()
            finally:
                response.close()
                response.release_conn()

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is removed already."""
        with _translated_errors():
            self._client.remove_object(bucket_name=self._bucket, object_name=key)

    def list(self, prefix: str) -> list[StoredObject]:
        """All objects below a prefix."""
        with _translated_errors():
            return [
                StoredObject(found.object_name, found.last_modified)
                for found in self._client.list_objects(
                    bucket_name=self._bucket, prefix=prefix, recursive=True
                )
                if found.object_name and found.last_modified
            ]

    def public_url(self, key: str) -> str:
        """The address at which browsers find a public object."""
        return f"{self._public_base}/{key}"

    def _public_read_policy(self) -> dict[str, object]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": ["*"]},
                    "Action": ["s3:GetObject"],
                    "Resource": [f"arn:aws:s3:::{self._bucket}/{PUBLIC_PREFIX}*"],
                }
            ],
        }


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn whatever the SDK raises into `StorageUnavailable`."""
    try:
        yield
    except (MinioException, HTTPError, OSError) as error:
        raise StorageUnavailable from error


def current_storage() -> Storage:
    """The object store of the running application."""
    storage: Storage = current_app.extensions["storage"]
    return storage
