"""Control words of RTF (specification 1.9.1) and what they stand for."""

from __future__ import annotations

from assessor_desk.artifacts.reading import markup

SIGNS = {
    "tab": markup.TAB, "line": "<br>", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "softline": "<br>",
}  # fmt: skip
ESCAPED = {b"~": "\u00a0", b"_": "\u2011", b"-": "\u00ad", b"\\": "\\", b"{": "{", b"}": "}"}
SWITCHES = {"b": "bold", "i": "italic", "strike": "strike", "super": "raised", "sub": "lowered", "caps": "capitals",
             "v": "hidden"}  # fmt: skip
LEFT_OUT = {
    "stylesheet", "info", "fldinst", "xmlnstbl", "themedata", "colorschememapping", "latentstyles", "datastore",
    "generator", "listtable", "listoverridetable", "rsidtbl", "mmathPr", "filetbl", "revtbl", "pgdsctbl", "objdata",
    "objclass", "bkmkstart", "bkmkend", "nonshppict", "shpinst", "pnseclvl", "atnid", "atnref", "atndate", "atnparent",
    "sp", "template", "userprops", "xe", "tc", "picprop", "blipuid", "private", "defchp", "defpap", "panose", "falt",
    "wgrffmtfilter", "atrfstart", "atrfend", "aftnsep", "aftnsepc", "ftnsep", "ftnsepc", "headerf", "footerf",
    "nonesttables",
}  # fmt: skip
CHARSETS = {0: "cp1252", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254",
             163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
             77: "mac_roman"}  # fmt: skip
