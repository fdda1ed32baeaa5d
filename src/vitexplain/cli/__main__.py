"""`python -m vitexplain.cli`, which a launcher such as torchrun can start."""

import sys

from vitexplain.cli import main

if __name__ == "__main__":
    sys.exit(main())
