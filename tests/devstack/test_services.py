"""The embedded servers keep their data, hide their secrets and end when they should."""

import io
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import minio
import psycopg2
import pytest
import redis

from devstack import process_table
from devstack.errors import DevstackError
from devstack.ports import free_port
from devstack.processes import PROJECT, Process, User
from devstack.services import KINDS, Services

NOBODY = User(uid=65534, gid=65534)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def services_in(folder: Path) -> Services:
    ports: dict[str, int] = {}
    for name in KINDS:
        ports[name] = free_port(avoid=ports.values())
    return Services(folder, ports=ports)


@contextmanager
def started(folder: Path) -> Iterator[Services]:
    services = services_in(folder)
    try:
        services.start()
        yield services
    finally:
        services.stop()


def object_store(services: Services) -> minio.Minio:
    environment = services.environment()
    return minio.Minio(
        environment["MINIO_ENDPOINT"],
        environment["MINIO_ACCESS_KEY"],
        environment["MINIO_SECRET_KEY"],
        secure=False,
    )


def write_everywhere(services: Services) -> None:
    """Leave something to be found in each server."""
    environment = services.environment()
    connection = psycopg2.connect(environment["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes AS SELECT 'kept' AS text")
    connection.close()
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        client.set("note", "kept")
    store = object_store(services)
    store.make_bucket(environment["MINIO_BUCKET"])
    store.put_object(environment["MINIO_BUCKET"], "a/note", io.BytesIO(b"kept"), 4)


def assert_found_everywhere(services: Services) -> None:
    environment = services.environment()
    connection = psycopg2.connect(environment["DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM notes")
        assert cursor.fetchall() == [("kept",)]
    connection.close()
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        assert client.get("note") == b"kept"
    answer = object_store(services).get_object(environment["MINIO_BUCKET"], "a/note")
    assert answer.read() == b"kept"
    answer.close()


def test_data_outlive_a_stop_and_a_move_of_the_folder(tmp_path: Path) -> None:
    with started(tmp_path / "here") as services:
        write_everywhere(services)
    (tmp_path / "here").rename(tmp_path / "over there")
    with started(tmp_path / "over there") as services:
        assert_found_everywhere(services)


def test_data_outlive_a_kill(tmp_path: Path) -> None:
    with started(tmp_path / "data") as services:
        write_everywhere(services)
        time.sleep(1.2)  # Redis writes its journal to the disk once a second
        for service in services:
            assert service.process
            service.process.kill()
    with started(tmp_path / "data") as services:
        assert_found_everywhere(services)


def test_a_folder_that_was_half_made_is_made_anew(tmp_path: Path) -> None:
    for name in ("postgres.unfinished", "storage.unfinished"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "PG_VERSION").write_text("18")
    with started(tmp_path / "data") as services:
        write_everywhere(services)


def test_a_stale_lock_that_names_a_stranger_is_removed(tmp_path: Path) -> None:
    with started(tmp_path / "data"):
        pass
    user = NOBODY if os.geteuid() == 0 else None
    stranger = Process("sleep", ["/bin/sleep", "60"], log=tmp_path / "sleep.log", user=user)
    stranger.start()
    try:
        (tmp_path / "data" / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n")
        with started(tmp_path / "data"):
            assert stranger.exit_code is None
    finally:
        stranger.kill()


def test_lost_secrets_are_said_clearly(tmp_path: Path) -> None:
    with started(tmp_path / "data"):
        pass
    (tmp_path / "data" / "secrets.json").unlink()
    with (
        pytest.raises(DevstackError, match=r"bring secrets\.json back"),
        started(tmp_path / "data"),
    ):
        pass


def test_secrets_are_neither_in_the_process_list_nor_in_open_files(tmp_path: Path) -> None:
    with started(tmp_path / "data") as services:
        environment = services.environment()
        secrets = {
            urlsplit(environment["DATABASE_URL"]).password or "",
            urlsplit(environment["REDIS_URL"]).password or "",
            environment["MINIO_SECRET_KEY"],
        }
        assert len(secrets) == 3
        assert min(map(len, secrets)) >= 32
        command = ["ps", "-eww", "-o", "args"]
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert str(tmp_path) in listing
        assert not any(secret in listing for secret in secrets)
        for path in tmp_path.rglob("*"):
            if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                assert not any(secret.encode() in path.read_bytes() for secret in secrets), path


def test_one_server_can_be_taken_away_and_brought_back() -> None:
    with Services.throwaway() as services:
        client = redis.Redis.from_url(services.environment()["REDIS_URL"])
        assert client.ping()
        services["redis"].stop(5)
        with pytest.raises(redis.ConnectionError):
            client.ping()
        services["redis"].start()
        services["redis"].wait_ready()
        assert client.ping()
        client.close()


def test_throwaway_servers_leave_nothing_behind() -> None:
    with Services.throwaway() as services:
        folder = services.folder
        processes = [service.process for service in services]
        assert folder.exists()
    assert not folder.exists()
    assert all(process and process.exit_code is not None for process in processes)


@pytest.mark.skipif(not process_table.IS_SUPPORTED, reason="the leash is Linux's")
def test_servers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-m", "devstack", "services"],
        cwd=PROJECT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    try:
        assert starter.stdout
        assert starter.stdout.readline().startswith(b"export ")
        servers = process_table.below({starter.pid}, process_table.rows())
        assert {"postgres", "valkey-server", "juicefs"} <= {row.name for row in servers}
    finally:
        starter.send_signal(signal.SIGKILL)
        starter.communicate()
    deadline = time.monotonic() + 20
    while any(
        now.started == row.started and now.is_alive
        for row in servers
        if (now := process_table.read(row.pid))
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@as_root
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_root_may_keep_the_data_in_a_closed_or_an_open_folder(tmp_path: Path, mode: int) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=mode)
    for _ in range(2):  # what root made first, root can use again
        with started(home / "data") as services:
            server = services["postgres"].process
            assert server
            assert Path(f"/proc/{server.pid}").stat().st_uid != 0


@as_root
def test_root_may_use_the_folder_of_an_ordinary_user(tmp_path: Path) -> None:
    with started(tmp_path / "data"):
        pass
    owner = User(uid=12345, gid=12345)
    for path in (tmp_path / "data" / "postgres", *(tmp_path / "data" / "postgres").rglob("*")):
        os.chown(path, owner.uid, owner.gid)
    with started(tmp_path / "data") as services:
        server = services["postgres"].process
        assert server
        assert Path(f"/proc/{server.pid}").stat().st_uid == owner.uid
