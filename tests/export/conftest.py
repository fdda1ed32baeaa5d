"""The tiny checkpoint and the command line of the tests of the command line."""

from tests.cli.conftest import checkpoint, vitexplain  # noqa: F401
