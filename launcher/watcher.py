"""A small process beside the embedded server: stops it when the last one that used it is gone, however it went."""

import signal
import sys
from pathlib import Path

from launcher.postgres import Server
from launcher.tenancy import Tenancy

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    var, kind = sys.argv[1:]
    Tenancy(Server(Path(var), durable=kind == "durable")).watch()
