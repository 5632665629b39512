"""`make run` opens the shop, and opens it again with everything still there."""

import stat
import subprocess
from pathlib import Path

import pytest

from devstack.files import read_json
from devstack.services import Services
from devstack.supervisor.json_client import Answer, JsonClient
from tests.devstack.conftest import StartRun
from tests.devstack.shop_run import ShopRun

pytestmark = pytest.mark.slow_run


def client(run: ShopRun) -> JsonClient:
    host, _, port = run.ready["api"].removeprefix("http://").partition(":")
    return JsonClient(host, int(port))


def sign_in(run: ShopRun, role: str) -> Answer:
    return client(run).post("/api/v1/auth/login", run.ready["accounts"][role])


def test_an_empty_folder_becomes_a_shop_that_is_found_again(
    start_run: StartRun, new_data: Path
) -> None:
    first = start_run(new_data).wait_ready()
    ready = first.ready
    assert stat.S_IMODE((new_data / "ready.json").stat().st_mode) == 0o600
    assert ready["accounts"]["customer"] is None
    assert {"run", "api", "worker", "beat", "simulator", "postgres", "redis", "storage"} == set(
        first.pids
    )
    assert client(first).get("/health/ready").status == 200
    for url in (ready["api"], ready["docs"], ready["simulator"], ready["storage"]):
        assert url in first.output
    owner = ready["accounts"]["owner"]
    assert owner["email"] in first.output
    assert owner["password"] in first.output
    match sign_in(first, "owner").body["user"]:
        case {"is_admin": is_admin}:
            assert is_admin is True
    visitor = {"email": "visitor@example.com", "password": "a-long-Secret-9", "full_name": "Visi"}
    assert client(first).post("/api/v1/auth/register", visitor).status == 201
    first.process.terminate()
    assert first.wait_end() is not None

    second = start_run(new_data).wait_ready()
    assert second.ready["accounts"] == ready["accounts"]
    assert client(second).post("/api/v1/auth/register", visitor).status == 409
    assert sign_in(second, "owner").status == 200


def test_no_secret_can_be_read_by_others(start_run: StartRun, data: Path) -> None:
    run = start_run(data).wait_ready()
    ready = run.ready
    secrets = [
        ready["database_url"].split(":")[2].split("@")[0],
        ready["redis_url"].split(":")[2].split("@")[0],
        ready["accounts"]["owner"]["password"],
    ]
    listing = subprocess.run(
        ["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True
    )
    for secret in secrets:
        assert len(secret) >= 12
        assert secret not in listing.stdout
        for path in data.rglob("*"):
            if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                assert secret.encode() not in path.read_bytes(), path


def test_a_new_shop_has_new_secrets(start_run: StartRun, new_data: Path, prepared: Path) -> None:
    run = start_run(new_data).wait_ready()
    for name in ("secrets.json", "accounts.json"):
        assert read_json(new_data / name) != read_json(prepared / name)
    assert sign_in(run, "owner").status == 200


def test_servers_of_ones_own_are_used(start_run: StartRun, new_data: Path) -> None:
    with Services.throwaway() as services:
        theirs = services.environment()
        run = start_run(new_data, **theirs).wait_ready()
        assert run.ready["database_url"] == theirs["DATABASE_URL"]
        assert run.ready["redis_url"] == theirs["REDIS_URL"]
        assert run.ready["storage"] == theirs["MINIO_PUBLIC_URL"]
        assert set(run.pids) == {"run", "api", "worker", "beat", "simulator"}
        assert client(run).get("/health/ready").status == 200
        run.process.terminate()
        run.wait_end()
        assert all(service.process and service.process.exit_code is None for service in services)


def test_keys_of_ones_own_mean_the_real_sandbox(start_run: StartRun, data: Path) -> None:
    keys = {"MIDTRANS_SERVER_KEY": "SB-Mid-server-x", "MIDTRANS_CLIENT_KEY": "SB-Mid-client-x"}
    run = start_run(data, **keys).wait_ready()
    assert run.ready["simulator"] is None
    assert "simulator" not in run.pids
    environment = Path(f"/proc/{run.pids['api']}/environ").read_text()
    assert "SB-Mid-server-x" in environment
    assert "MIDTRANS_SNAP_BASE_URL" not in environment
