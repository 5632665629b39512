"""The compose file without Docker: its form, and its commands run against the live shop."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.live import LiveShop

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_all_parts_are_there_and_watched() -> None:
    assert set(SERVICES) == {"migrate", "api", "worker", "beat", "db", "redis", "minio"}
    with_check_in_image = {"migrate", "api"}
    for name in set(SERVICES) - with_check_in_image:
        assert "healthcheck" in SERVICES[name], name
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    assert SERVICES["migrate"]["restart"] == "no"


def test_no_secret_stands_inside() -> None:
    text = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    for name in re.findall(r"\b(\w*(?:PASSWORD|SECRET|SERVER_KEY)\w*):[ ]+(\S+)", text):
        assert name[1].startswith("${"), name


def test_every_variable_of_the_file_is_documented() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", text))
    documented = set(re.findall(r"^#? ?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert required <= documented


def test_what_waits_for_whom() -> None:
    for name in ("api", "worker", "beat"):
        conditions = SERVICES[name]["depends_on"]
        assert conditions["migrate"]["condition"] == "service_completed_successfully"
        assert conditions["redis"]["condition"] == "service_healthy"


def _run(shop: LiveShop, command: list[str], **extra: str) -> subprocess.CompletedProcess[str]:
    """A command of the file, with the programs of this environment in the place of the image's."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, **shop.environment, "PATH": path, "FLASK_APP": "wsgi", **extra}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_migrate_can_be_run_again(live_shop: LiveShop) -> None:
    done = _run(live_shop, SERVICES["migrate"]["command"])
    assert done.returncode == 0, done.stderr


def test_the_processes_are_those_the_live_tests_run(live_shop: LiveShop) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert 'CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]' in dockerfile
    for name in ("worker", "beat"):
        program = SERVICES[name]["command"][:5]
        assert live_shop.command(name)[:5] == program


def test_the_api_health_check(live_shop: LiveShop) -> None:
    found = re.search(
        r"HEALTHCHECK.*?CMD \[(.*?)\]\n", (ROOT / "Dockerfile").read_text(), re.DOTALL
    )
    assert found
    command = yaml.safe_load(f"[{found[1]}]")
    assert _run(live_shop, command).returncode == 0
    assert _run(live_shop, command, PORT="9").returncode != 0


@pytest.mark.parametrize("host", ["$$HOSTNAME", "nobody"])
def test_the_worker_health_check(live_shop: LiveShop, host: str) -> None:
    template = SERVICES["worker"]["healthcheck"]["test"][1:]
    name = os.uname().nodename if host == "$$HOSTNAME" else host
    command = [part.replace("$$HOSTNAME", name) for part in template]
    is_healthy = _run(live_shop, command).returncode == 0
    assert is_healthy == (host == "$$HOSTNAME")


def test_the_beat_health_check(live_shop: LiveShop) -> None:
    command = SERVICES["beat"]["healthcheck"]["test"][1:]
    folder = str(live_shop.log("beat").parent)
    here = [part.replace("/tmp/beat-schedule", f"{folder}/beat-schedule") for part in command]
    assert _run(live_shop, here).returncode == 0
