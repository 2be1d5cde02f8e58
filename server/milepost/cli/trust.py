"""Which repositories the user trusts: nothing of any other is read, run or changed (D25, S01)."""

from milepost.app import RepositoryFacts, TrustList
from milepost.cli import screen
from milepost.domain.errors import Refused


class Trust(TrustList):
    """The list of trusted repositories, asked by what is known of a repository."""

    def holds(self, facts: RepositoryFacts) -> bool:
        """Whether this repository is trusted."""
        return facts.common_dir is not None and str(facts.common_dir.resolve()) in self.read()

    def add(self, facts: RepositoryFacts) -> str:
        """Trust a repository; its path. Raises Refused where the folder is in none."""
        path = place(facts)
        self.put(path, facts.key)
        return path

    def revoke(self, facts: RepositoryFacts) -> str:
        """Trust a repository no more. Raises Refused where it was not trusted."""
        path, known = place(facts), self.read()
        if path not in known:
            raise Refused(f"{path!r} is not trusted; there is nothing to revoke")
        self.write({name: row for name, row in known.items() if name != path})
        return path


def place(facts: RepositoryFacts) -> str:
    """The real path of the common git directory. Raises Refused where there is none."""
    if facts.common_dir is None:
        raise Refused(f"{str(facts.top)!r} is not in a git repository")
    return str(facts.common_dir.resolve())


def expect_trust(trust: Trust, facts: RepositoryFacts, *, given: bool) -> None:
    """Let a trusted repository pass; ask once at a terminal, elsewhere `--trust` says it.

    Raises Refused where the answer is no.
    """
    if facts.common_dir is None or trust.holds(facts):
        return
    if not given:
        ask_for(facts)
    trust.add(facts)


def ask_for(facts: RepositoryFacts) -> None:
    """Ask whether to trust. Raises Refused."""
    if not screen.is_terminal():
        raise Refused(
            f"{str(facts.top)!r} is not trusted yet: a mission runs its code and its tests. Look at it first, then say "
            "--trust, or `milepost trust`"
        )
    screen.say(f"{facts.top} is not trusted yet. A mission reads what is in it and runs its tests, inside the sandbox.")
    if not screen.confirm("Do you trust it?"):
        raise Refused(f"{str(facts.top)!r} is not trusted, so nothing was started")


def expect_key(trust: Trust, key: str) -> None:
    """Raise Refused where the repository of a mission is not trusted (any more)."""
    if not trust.holds_key(key):
        raise Refused(f"the repository {key!r} is not trusted (any more): `milepost trust` in it, then try again")
