"""Tables that tests fill, a line each; printed by their titles once all tests have run."""

from collections import defaultdict

TABLES: dict[str, list[str]] = defaultdict(list)
