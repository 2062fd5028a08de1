"""One simulator for all: its keys take a second to make."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from identity.citizen_certificate.simulator.__main__ import environment
from identity.citizen_certificate.simulator.server import Server, running
from identity.citizen_certificate.simulator.service import Deed, Simulator

NUMBER, OTHER_NUMBER = "A123456789", "B123456780"


@pytest.fixture(scope="session")
def server(tmp_path_factory: Any) -> Iterator[Server]:
    """The simulated TW FidO, listening."""
    with running(Simulator(tmp_path_factory.mktemp("fido"))) as server:
        yield server


@pytest.fixture
def simulator(server: Server, settings: Any) -> Simulator:
    """The simulator, which the product's settings lead to."""
    for name, value in environment(server.address, server.simulator.folder).items():
        setattr(settings, name.removeprefix("CITYHALL_"), value)
    return server.simulator


@pytest.fixture
def press(simulator: Simulator) -> Callable[[str, Deed], None]:
    """``press(ticket, deed)``: the person does that on the phone."""

    def press(ticket: str, deed: Deed = Deed.APPROVE) -> None:
        assert simulator.do(ticket, deed)

    return press
