"""Figures as lines: what, how much, the target where there is one."""

import sys


def line(what: str, value: float, unit: str, target: str = "", ratio: str = "") -> None:
    """Print one figure at once."""
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    sys.stdout.write(f"{what:<58} {shown:>12} {unit:<10} {target:<14} {ratio}\n")
    sys.stdout.flush()


def title(text: str) -> None:
    sys.stdout.write(f"\n{text}\n{'-' * len(text)}\n")
