"""The documents that ship with the program: where they are found, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
# A wheel carries the folder inside the package; a checkout has it beside.
_FOLDERS = (_PACKAGE / "_schemas", _PACKAGE.parent / "schemas")


def openapi() -> bytes | None:
    """The OpenAPI document of the gateway; None in an installation without it."""
    for folder in _FOLDERS:
        path = folder / "openapi.json"
        if path.is_file():
            return path.read_bytes()
    return None
