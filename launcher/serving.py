"""demo, serve and work: the web server and the job worker over a database, until told to stop."""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from launcher.installation import Installation
from launcher.processes import FIRST_PAUSE, LONGEST_PAUSE, Child, death_pact
from launcher.progress import Stop, say, step

READY_SECONDS = 60  # for an answer at all, on a slow machine
WELL_SECONDS = 10  # from the first answer to a good one
TICK = 0.25


def demo(options: argparse.Namespace) -> int:
    """`./cityhall demo`: everything, from an empty folder to a city hall that answers."""
    began = time.monotonic()
    demo_environment = {"CITYHALL_DEMO": "1"} | ({"CITYHALL_PACK": options.pack} if options.pack else {})
    wanted = ["--static", "--demo", f"--scale={options.scale}", f"--year={options.year}", "--accounts"]
    if options.empty:
        wanted.append("--empty")
    installation = Installation()
    address = _address(options)
    with ExitStack() as stack:
        if options.serve:
            stack.enter_context(installation.only_one(address))
            _free_port(options.host, options.port)
        stopping = stack.enter_context(_until_told())
        url = stack.enter_context(installation.database())
        environment = installation.environment(url, **_public(address), **demo_environment)
        simulators = []
        if options.serve and not os.environ.get("CITYHALL_FIDO_URL"):
            simulators.append(_simulated(installation, environment))
        accounts = _prepare(environment, stopping, *wanted)
        if not options.serve:
            say(f"\nLoaded in {time.monotonic() - began:.0f} s. `./cityhall demo` serves it.")
            return 0

        def welcome() -> None:
            say(f"\n{address}\n")
            if accounts:
                say(accounts)
            say(f"Ready in {time.monotonic() - began:.1f} s. Ctrl-C stops it.")

        return _supervise(installation, _web(options, environment), _worker(environment), stopping, welcome, simulators)


def simulate(options: argparse.Namespace) -> int:
    """`./cityhall simulate fido`: an outside system on loopback, for development; it says what to set to meet it."""
    _free_port("127.0.0.1", options.port)
    installation = Installation()
    return installation.python(_simulator(installation, options.port), installation.environment(""))


def serve(options: argparse.Namespace) -> int:
    """`./cityhall serve`: the web server over a database that is brought up to date first."""
    installation = Installation()
    address = _address(options)
    with installation.only_one(address), _until_told() as stopping:
        _free_port(options.host, options.port)
        with installation.database() as url:
            environment = installation.environment(url, **_public(address))
            _prepare(environment, stopping, "--static", "--pack")
            return _supervise(installation, _web(options, environment), None, stopping, lambda: say(address))


def work(options: argparse.Namespace) -> int:
    """`./cityhall work`: a job worker; any number of them may run."""
    installation = Installation()
    with _until_told() as stopping, installation.database() as url:
        environment = installation.environment(url)
        _prepare(environment, stopping)
        worker = _worker(environment, *([f"--concurrency={options.concurrency}"] if options.concurrency else []))
        return _supervise(installation, None, worker, stopping, lambda: say("Working. Ctrl-C stops it."))


class Web(Child):
    """The web server, and whether it is well."""

    def __init__(self, host: str, port: int, command: list[str], environment: Mapping[str, str]) -> None:
        super().__init__("web server", command, environment)
        self.host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        self.port = port

    def health(self) -> tuple[int, str]:
        """What /healthz says: status (0 without an answer) and the beginning of its text."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            response = connection.getresponse()
            return response.status, response.read(200).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()

    def wait_until_well(self, stopping: threading.Event) -> None:
        """Raises Stop if it does not answer, answers that it is not well, or has failed three times."""
        deadline = time.monotonic() + READY_SECONDS
        while not stopping.wait(0.1):
            self.look_after()
            status, text = self.health()
            if status == 200:
                return
            if status:
                deadline = min(deadline, time.monotonic() + WELL_SECONDS)
            if time.monotonic() > deadline or self.restarts > 2:
                raise Stop(f"The web server does not get well. /healthz: {status} {text}")


# --- Parts -----------------------------------------------------------------------------------------------------------


def _web(options: argparse.Namespace, environment: Mapping[str, str]) -> "Web":
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--host", options.host, "--port", str(options.port)]
    command += ["--workers", str(options.workers), "--blocking-threads", "2"]
    command += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10s"]
    command += ["--log-level", "warning", "launcher.web:application"]
    return Web(options.host, options.port, command, environment)


def _simulator(installation: Installation, port: int) -> list[str]:
    """What Python runs as the simulated TW FidO; its authority's files lie in ``var/fido``."""
    return ["-m", "identity.citizen_certificate.simulator", f"--port={port}", f"--folder={installation.var / 'fido'}"]


def _worker(environment: Mapping[str, str], *arguments: str) -> Child:
    # It gives its jobs 20 s to end (settings), then ends itself.
    return Child("job worker", [sys.executable, "-m", "launcher.jobs", *arguments], environment, patience=25)


def _prepare(environment: Mapping[str, str], stopping: threading.Event, *wanted: str) -> str:
    """Run `launcher.prepare`; its output (the demo accounts). Raises Stop if that failed, or if told to stop."""
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher.prepare", *wanted],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C in the terminal is ours to answer
        preexec_fn=death_pact(),
    )
    while True:
        try:
            output, _ = process.communicate(timeout=TICK)
            break
        except subprocess.TimeoutExpired:
            if stopping.is_set():
                process.terminate()
    if stopping.is_set():
        raise Stop("Stopped.")
    if process.returncode != 0:
        raise Stop("")
    return output


def _address(options: argparse.Namespace) -> str:
    host = "localhost" if options.host in ("127.0.0.1", "0.0.0.0", "::1", "::") else options.host
    return f"http://{host}:{options.port}"


def _public(address: str) -> dict[str, str]:
    """Where people reach it: what the operator has set, else the address we listen on."""
    return {"CITYHALL_URL": os.environ.get("CITYHALL_URL", address)}


def _simulated(installation: Installation, environment: dict[str, str]) -> Child:
    """The simulator as a child of the demo, which meets it by the settings that this adds to ``environment``."""
    from identity.citizen_certificate.simulator.__main__ import environment as settings

    port = _any_port()
    command = [sys.executable, *_simulator(installation, port), "--quiet"]
    child = Child("simulator of TW FidO", command, dict(environment))
    environment |= settings(f"http://127.0.0.1:{port}", installation.var / "fido")
    return child


def _any_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Stop(f"Port {port} cannot be used ({error.strerror}). Choose another one with --port.") from None


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set. A second Ctrl-C interrupts whatever is going on."""
    stopping = threading.Event()

    def stop(number: int, frame: object) -> None:
        if stopping.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _supervise(
    installation: Installation,
    web: Web | None,
    worker: Child | None,
    stopping: threading.Event,
    ready: Callable[[], None],
    others: Sequence[Child] = (),
) -> int:
    """Keep web server, worker, others and database alive until told to stop; then stop them in that order."""
    children = [child for child in (web, worker, *others) if child]
    try:
        with step(" and ".join(child.name for child in children)):
            if web:
                web.start()
                web.wait_until_well(stopping)
            if worker:  # after it: people wait for pages, nobody waits for jobs
                worker.start()
            for child in others:
                child.start()
        if not stopping.is_set():
            ready()
        pause = FIRST_PAUSE
        while not stopping.wait(TICK):
            try:
                if installation.tenancy and installation.tenancy.revive():
                    say("  the database had ended; it runs again")
                pause = FIRST_PAUSE
            except Stop as reason:  # killed once more while it recovers, a disk that is full: not for ever, maybe
                say(f"{reason}\n  the database does not start; trying again in {pause:g} s")
                stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            for child in children:
                child.look_after()
        say("\nStopping …")
    finally:
        for child in children:
            child.stop()
    return 0
