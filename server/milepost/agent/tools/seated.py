"""Which seats share a tool."""

from milepost.domain.seat import SEATS

ALL: frozenset[str] = frozenset(SEATS)
ORCHESTRATOR = frozenset({"orchestrator"})
WORKER = frozenset({"worker"})
TESTER = frozenset({"tester"})
USERS = frozenset({"tester", "auditor"})
"""Seats that use the program and write down what they see: what they do is evidence."""
DOERS = WORKER | USERS
READERS = frozenset({"orchestrator", "scrutiny", "reviewer", "tester"})
"""Seats that may look into the mission's records; the auditor stays blind to them."""
ASKERS = frozenset({"orchestrator", "worker", "scrutiny"})
BLIND = frozenset({"reviewer", "tester"})
"""Seats that read the records without what a worker says of its own work (D18e)."""
