# SPDX-License-Identifier: ISC
"""Figures as people read them."""

import statistics


NOT_FINISHED = "not finished"


def medians(taken):
    """One dict out of several with the same keys; None where none has a figure. What was not finished
    is None in `taken`; {}: nothing was."""
    finished = [t for t in taken if t is not None]
    return {key: median(t[key] for t in finished) for key in finished[0]} if finished else {}


def median(values):
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None


def median_ratio(ours, theirs):
    """Of figures that were taken side by side."""
    return median(a / b for a, b in zip(ours, theirs) if a is not None and b)


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * q), len(ordered) - 1)]


def cell(value):
    if value is None:
        return "-"
    if isinstance(value, (int, str)):
        return f"{value:,}" if isinstance(value, int) else value
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:,.{digits}f}"


def cells(keys, row):
    """A row that ends before its figures was not finished."""
    missing = [key for key in keys if key not in row]
    return [NOT_FINISHED if [key] == missing[:1] else cell(row.get(key)) for key in keys]


def markdown(rows):
    keys = list(dict.fromkeys(key for row in sorted(rows, key=len, reverse=True) for key in row))
    lines = ["| " + " | ".join(keys) + " |", "|" + " --- |" * len(keys)]
    lines += ["| " + " | ".join(cells(keys, row)) + " |" for row in rows]
    return "\n".join(lines)
