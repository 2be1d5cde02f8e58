"""Numbers as people read them: money, counts, lengths of time; the same in terminal, report and editor."""

UNITS = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))


def money(dollars: float, limit: float | None = None) -> str:
    """What was spent, and of how much; finer than a cent where it is less than one."""
    spent = f"${dollars:.4f}" if 0 < dollars < 0.01 else f"${dollars:.2f}"
    return spent if limit is None else f"{spent} of ${limit:.2f}"


def count(number: int, thing: str) -> str:
    """A number of things: `1 feature`, `2 features`, `2 mismatches`."""
    plural = f"{thing}es" if thing.endswith("ch") else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"


def length(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = max(0, int(seconds))
    for size, unit, below, part in UNITS:
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit} {rest} {part}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"
