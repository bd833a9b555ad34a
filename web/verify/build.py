"""Builds `resources/verify.html`, one file that fetches nothing, from the sources beside this one.

    python3 dev.py page           writes it
    python3 dev.py page --check   says whether it is what the sources give

Each module becomes a function that gives what others import of it, so that names in different modules do not meet.
The page's policy allows this script and this style by their digests, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
PAGE = SOURCES.parent.parent / "resources" / "verify.html"
FIRST = "page"
#: A module that is made here, of a schema.
RULES = "badge_rules.js"
BADGE_SCHEMA = SOURCES.parent.parent / "docs" / "schemas" / "badge.schema.json"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src 'none'; img-src 'none'; "
    "form-action 'none'; base-uri 'none'"
)


def built() -> str:
    """The page."""
    modules: dict[str, str] = {}
    _read(FIRST, modules, ())
    script = "\n" + "\n".join(_as_function(name, modules) for name in modules)
    style = "\n" + _source("page.css")
    policy = _POLICY.format(script=_digest(script), style=_digest(style))
    page = _source("page.html").replace("{{policy}}", policy).replace("{{style}}", style)
    return page.replace("{{script}}", script)


def _source(name: str) -> str:
    if name == RULES:
        rules = json.dumps(json.loads(BADGE_SCHEMA.read_text(encoding="utf-8")), separators=(",", ":"))
        return f"// The JSON Schema of badges.\n\nexport const BADGE_RULES = {rules};\n"
    return (SOURCES / name).read_text(encoding="utf-8")


def _read(name: str, modules: dict[str, str], above: tuple[str, ...]) -> None:
    """Put a module after those it imports. Raises ValueError for modules that import each other."""
    if name in above:
        raise ValueError(f"{name}.js imports itself by way of {above[-1]}.js")
    source = _source(f"{name}.js")
    for imported in _IMPORT.finditer(source):
        if imported[2] not in modules:
            _read(imported[2], modules, (*above, name))
    modules[name] = source


def _as_function(name: str, modules: dict[str, str]) -> str:
    wanted = (_IMPORT.finditer(source) for source in modules.values())
    exports = {each for found in wanted for one in found if one[2] == name for each in _names(one[1])}
    source = _IMPORT.sub(lambda one: f"const {{ {', '.join(_names(one[1]))} }} = {one[2]}_;\n", modules[name])
    if re.search(r"^import\b", source, re.MULTILINE):
        raise ValueError(f"{name}.js has an import of a form that is not understood")
    given = f"return {{ {', '.join(sorted(exports))} }};\n" if exports else ""
    holder = f"const {name}_ = " if exports else ""
    return f"// {name}.js\n{holder}(() => {{\n{_EXPORT.sub('', source)}{given}}})();\n"


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    page = built()
    if "--check" in arguments:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        return 0 if same else 1
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
