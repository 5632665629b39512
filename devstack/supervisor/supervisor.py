"""The order in which the shop comes up and goes down."""

import os
import time
from hashlib import sha256
from http import HTTPStatus

from devstack.errors import DevstackError
from devstack.files import read_json, write_json
from devstack.ports import LOOPBACK
from devstack.processes import Process
from devstack.services import Services
from devstack.services.postgres import Postgres
from devstack.supervisor.accounts import Account, Accounts
from devstack.supervisor.crew import Crew
from devstack.supervisor.data_folder import DataFolder
from devstack.supervisor.json_client import JsonClient
from devstack.supervisor.log_follower import LogFollower
from devstack.supervisor.parts import BEAT, WORKER, Parts
from devstack.supervisor.port_plan import plan_ports
from devstack.supervisor.preparation import Preparation
from devstack.supervisor.process_record import ProcessRecord
from devstack.supervisor.ready import ReadyShop
from devstack.supervisor.screen import Screen
from devstack.supervisor.settings import API, SIMULATOR, RunSettings
from devstack.supervisor.stop_signals import StopRequested, StopSignals

_WATCH_SECONDS = 0.1
_READY_SECONDS = 60.0
_DEMO_SECONDS = 900.0
# Who is asked to end first, and by when at the latest; ten seconds are promised for everything.
_STOP_ORDER = (((BEAT, WORKER, API), 5.0), ((SIMULATOR,), 6.0))
_STOP_SECONDS = 8.0


class Supervisor:
    """One `make run`, from the first program to the last."""

    def __init__(self, settings: RunSettings, screen: Screen) -> None:
        self._settings = settings
        self._screen = screen
        self._folder = DataFolder(settings.data)
        self._accounts = Accounts(self._folder.accounts)
        self._record = ProcessRecord(self._folder.processes)
        self._crew = Crew(StopSignals(), self._record)

    def run(self) -> bool:
        """Run the shop until somebody wishes it to stop; False when a part of it failed.

        DevstackError when the data folder cannot be used, and then nothing was started.
        """
        with self._folder.held():
            try:
                self._bring_up().announce(self._screen, self._folder.ready)
                while True:
                    self._crew.check()
                    time.sleep(_WATCH_SECONDS)
            except StopRequested:
                return True
            except DevstackError as error:
                self._screen.error(error)
                return False
            finally:
                self._folder.ready.unlink(missing_ok=True)
                with self._screen.step("Stopping"):
                    self._crew.stop(_STOP_ORDER, seconds=_STOP_SECONDS)

    def _bring_up(self) -> ReadyShop:
        self._screen.line(f"Diecast shop, with its data in {self._folder.path}")
        self._begin_anew()
        ports = plan_ports(self._settings, self._folder.ports)
        services = self._start_services(ports)
        parts = Parts(self._settings, self._folder, ports=ports, services=services.environment())
        if self._settings.has_simulator:
            self._start_simulator(parts, JsonClient(LOOPBACK, ports[SIMULATOR]))
        self._prepare(Preparation(self._folder.prepared, self._settings, parts))
        owner = self._accounts.owner()
        shop = JsonClient(self._settings.api_host, ports[API])
        self._start_shop(parts, owner, shop)
        customer = None
        if self._settings.has_demo:
            customer = self._accounts.customer(shop)
            self._load_demo(parts, owner)
        return ReadyShop(
            parts=parts,
            logs=self._folder.logs,
            owner=owner,
            customer=customer,
            pids={"run": os.getpid()} | self._crew.pids,
        )

    def _begin_anew(self) -> None:
        ended = self._record.end_leftovers()
        if ended:
            self._screen.line(f"Ended what the last run had left: {', '.join(ended)}")
        self._folder.tidy()

    def _start_services(self, ports: dict[str, int]) -> Services:
        wanted = self._settings.services
        services = Services(self._folder.path, ports=ports, wanted=wanted)
        titles = ", ".join(service.title for service in services)
        with self._screen.step(f"Starting {titles or 'no servers of our own'}"):
            services.prepare(self._crew.run)
            for service in services:
                self._crew.enlist(service.start())
            for service in services:
                service.wait_ready(meanwhile=self._crew.check)
        return services

    def _start_simulator(self, parts: Parts, client: JsonClient) -> None:
        with self._screen.step("Starting the Midtrans simulator"):
            simulator = parts.simulator()
            self._crew.start(simulator)
            self._wait_healthy(simulator, client, "/simulator/health")

    def _prepare(self, preparation: Preparation) -> None:
        steps = preparation.steps()
        if steps:
            with self._screen.step(f"Preparing {' and '.join(step.name for step in steps)}"):
                self._crew.run(steps)
            preparation.remember()

    def _start_shop(self, parts: Parts, owner: Account, client: JsonClient) -> None:
        with self._screen.step("Opening the shop: API, worker, beat"):
            api = parts.api()
            self._crew.start(api)
            self._crew.start(parts.worker())
            self._wait_healthy(api, client, "/health/ready")
            self._crew.start(parts.beat())
            if not self._accounts.is_owner(client, owner):
                self._crew.run([parts.owner(owner)])

    def _wait_healthy(self, process: Process, client: JsonClient, path: str) -> None:
        """Wait until `path` answers 200; DevstackError with the last answer when it never does."""
        last_answer = "none"

        def is_healthy() -> bool:
            nonlocal last_answer
            try:
                answer = client.get(path)
            except OSError:
                return False
            last_answer = f"{answer.status} {answer.body}"
            return answer.status == HTTPStatus.OK

        try:
            process.wait_until(is_healthy, seconds=_READY_SECONDS, meanwhile=self._crew.check)
        except DevstackError as error:
            message = f"{error} (last answer to GET {path}: {last_answer})"
            raise DevstackError(message, error.details) from error

    def _load_demo(self, parts: Parts, owner: Account) -> None:
        """Fill the shop, once for each database."""
        database = parts.configured("DATABASE_URL")
        if Postgres.name in self._settings.services:
            database = "our own"  # its port may change
        mark = {"database": sha256(database.encode()).hexdigest()}
        if read_json(self._folder.demo_done) == mark:
            return
        self._screen.line("Filling the demo shop")
        demo = parts.demo(owner)
        follower = LogFollower(demo.log, self._screen.progress)
        self._crew.run([demo], seconds=_DEMO_SECONDS, meanwhile=follower.show_new_lines)
        follower.show_new_lines()
        write_json(self._folder.demo_done, mark)
