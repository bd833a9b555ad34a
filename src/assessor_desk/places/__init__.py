"""Where folders are: the default desk folder, and the data that come with the program.

The data lie at the root of the source tree (`resources/`, `rubrics/`, `docs/schemas/`). A wheel and a bundle
carry them inside the package, in `assessor_desk/data/`, so that one rule finds them wherever the package is.
"""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CARRIED = _PACKAGE / "data"
_SOURCE_TREE = _PACKAGE.parent.parent


def default_desk() -> Path:
    """The desk folder when none is named: `ASSESSOR_DESK_HOME`, else the system's place for user data."""
    named = os.environ.get("ASSESSOR_DESK_HOME")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs  # only where it is asked: the window opens sooner without it

    return platformdirs.user_data_path("assessor-desk", appauthor=False) / "desk"


def resources() -> Path:
    """The folder of fonts, icons, policies and the sample submissions."""
    return _data("resources", "resources")


def rubrics() -> Path:
    """The folder of the rubrics that come with the program."""
    return _data("rubrics", "rubrics")


def schemas() -> Path:
    """The folder of the JSON Schemas of packets, rubrics and policies."""
    return _data("schemas", "docs/schemas")


def _data(carried: str, in_source_tree: str) -> Path:
    return _CARRIED / carried if _CARRIED.is_dir() else _SOURCE_TREE / in_source_tree
