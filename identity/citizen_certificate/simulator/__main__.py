"""``./cityhall simulate fido``: the simulator, and what to set so that the product meets it."""

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from identity.citizen_certificate.simulator.server import Server
from identity.citizen_certificate.simulator.service import SERVICE, Simulator


def environment(address: str, folder: Path) -> dict[str, str]:
    """The product's settings for a simulator that listens there."""
    return {
        "CITYHALL_FIDO_URL": address,
        "CITYHALL_FIDO_SERVICE": SERVICE,
        "CITYHALL_FIDO_FILES": str(folder),
        "CITYHALL_FIDO_CRL_URL": f"{address}/revoked.crl",
        "CITYHALL_FIDO_APP_URL": address,
    }


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    with Server(Simulator(options.folder.resolve()), options.port) as server:
        if not options.quiet:
            for name, value in environment(server.address, options.folder.resolve()).items():
                print(f"{name}={value}")
            sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
