"""``python -m launcher VERB ...``, which `./cityhall VERB ...` calls once the packages are there."""

import sys

from launcher.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
