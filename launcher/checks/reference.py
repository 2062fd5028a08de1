"""docs/reference.md: what can be read off the code (verbs, environment, permissions, apps), written by this program.

``python -m launcher.checks.reference`` compares; with ``--write`` it writes. `./cityhall check --fix` does that.
"""

import argparse
import ast
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from launcher.tenancy import ROOT

PATH = ROOT / "docs" / "reference.md"
VARIABLES = {
    "DATABASE_URL": "PostgreSQL 15 or newer, `postgresql://user:password@host/name`; without it the embedded server",
    "CITYHALL_VAR": "folder for database, uploads, static files, secret and locks",
    "CITYHALL_PACK": "the city pack, a folder of `packs/`",
    "CITYHALL_SECRET": "the secret that signs and encrypts; without it one is made and kept in `var/secret`",
    "CITYHALL_KEYS": "keys for personal data, newest first, with commas between them; without it the secret serves",
    "CITYHALL_TRUSTED_PROXIES": "how many proxies in front append to X-Forwarded-For; with 0 that header is ignored",
    "CITYHALL_RATE_LIMIT_FACTOR": "multiplies the limits of the doors; for load tests",
    "CITYHALL_STAFF_LEVEL": "the level of a session that the doors of staff ask for; 2, a second proof, in public",
    "CITYHALL_BREACHED_PASSWORDS": "a file of breached passwords, sorted by SHA-1; without it none is asked",
    "CITYHALL_SESSION_IDLE": "minutes after which an idle session of a citizen or a crew ends",
    "CITYHALL_SESSION_IDLE_STAFF": "minutes after which an idle session of staff ends",
    "CITYHALL_RECOVERY_COOLING_HOURS": "hours before the link of a counter gives an account back; 0: at once",
    "CITYHALL_HOSTS": "host names that are answered, with commas between them",
    "CITYHALL_URL": "the public address, for links in mail; `https://` turns on secure cookies and HSTS",
    "CITYHALL_MAIL_URL": "SMTP, `smtp://user:password@host:port`; without it mail stays in the outbox",
    "CITYHALL_MAIL_FROM": "sender of mail",
    "CITYHALL_INBOX_URL": "the city's mailbox, `imaps://user:password@host/INBOX`; without it no mail is fetched",
    "CITYHALL_PLACES": "where networks are, a file in MaxMind's format; without it only many failures are watched for",
    "CITYHALL_LINE_SECRET": "channel secret of LINE's Messaging API, by which its webhooks are signed",
    "CITYHALL_LINE_TOKEN": "access token of LINE's Messaging API; without it messages for LINE stay in the outbox",
    "CITYHALL_SMS_URL": "a gateway for text messages (docs/operators.md); without it citizens are offered none",
    "CITYHALL_SMS_TOKEN": "the bearer token that the gateway knows the city by",
    "CITYHALL_SMS_CODES_A_DAY": "how many codes to mobile numbers go out within a day at most",
    "CITYHALL_SMS_SECRET": "by which the gateway signs its receipts (Standard Webhooks)",
    "CITYHALL_OUTBOUND_NETWORKS": "networks within, with commas, in which systems of the register may be called",
    "CITYHALL_PUSH_SERVICES": "hosts of browsers' push services that may be called, with commas; empty: no web push",
    "CITYHALL_VAPID_KEY": "the private key that pushes are signed with; unset, one is made once in `var/vapid.pem`",
    "CITYHALL_LINE_API_URL": "where the Messaging API is, if not at LINE",
    "CITYHALL_LINE_DATA_URL": "where the photos of the Messaging API are, if not at LINE",
    "CITYHALL_FIDO_URL": "where TW FidO answers (docs/operators.md); without it nobody signs in with 行動自然人憑證",
    "CITYHALL_FIDO_SERVICE": "the number that TW FidO knows the city by (`sp_service_id`)",
    "CITYHALL_FIDO_FILES": "folder with `key`, `anchors.pem` and `revoked.crl` for TW FidO",
    "CITYHALL_FIDO_CRL_URL": "where the list of revoked certificates is published; fetched every hour if set",
    "CITYHALL_FIDO_APP_URL": "what opens the app of TW FidO on a phone",
    "CITYHALL_LOG": "level of the log: DEBUG, INFO, WARNING, ERROR",
    "CITYHALL_DEBUG": "1: Django's debug pages; never in production",
    "CITYHALL_DEMO": "1: demo (outbox page, accounts on the sign-in page); set by `./cityhall demo`",
}


def reference() -> str:
    """The whole page."""
    parts = [
        "# Reference",
        "Written by `./cityhall check --fix` from the code; do not edit.",
        *_verbs(),
        *_environment(),
    ]
    parts += [*_apps(), *_permissions()]
    return "\n\n".join(parts) + "\n"


def environment_names(root: Path = ROOT) -> dict[str, str]:
    """Each variable that config/ reads from the environment, with its default as written (empty: none)."""
    found: dict[str, str] = {}
    for path in sorted((root / "config").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
                name, *default = node.args
                if isinstance(name, ast.Constant):
                    plain = default and isinstance(default[0], ast.Constant)
                    found[str(name.value)] = str(default[0].value) if plain else ""  # type: ignore[attr-defined]
    return found


def _verbs() -> Iterator[str]:
    from launcher.cli import parser

    yield "## Verbs"
    yield "`./cityhall VERB`"
    verbs = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    rows = []
    for choice in verbs._choices_actions:
        options = [
            f"`{option.option_strings[-1]}` {(option.help or '').strip()}"
            for option in verbs.choices[choice.dest]._actions
            if option.option_strings and "-h" not in option.option_strings
        ]
        rows.append([f"`{choice.dest}`", choice.help or "", "; ".join(options)])
    yield _table(["verb", "what it does", "options"], rows)


def _environment() -> Iterator[str]:
    names = environment_names()
    unknown = sorted(set(names) - set(VARIABLES))
    if unknown:
        raise SystemExit(f"Not described in {__file__}: {', '.join(unknown)}")
    yield "## Environment"
    yield _table(
        ["variable", "what it is", "default"],
        [[f"`{name}`", words, f"`{names[name]}`" if names.get(name) else ""] for name, words in VARIABLES.items()],
    )


def _apps() -> Iterator[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    yield "## Apps"
    yield "High to low: an app imports only from the rows below its own; apps in one row never import each other."
    rows = []
    for layer in layers:
        apps = [app.strip() for app in layer.split("|")]
        rows.append([", ".join(app if app == "config" else f"[{app}](../{app}/README.md)" for app in apps)])
    yield _table(["layer"], rows)


def _permissions() -> Iterator[str]:
    from identity.permissions import PERMISSIONS, ROLES

    yield "## Permissions"
    yield "`scope:resource:action`; the roles that hold each."
    rows = []
    for permission in PERMISSIONS:
        rows.append([f"`{permission}`", ", ".join(c for c, role in ROLES.items() if permission in role.permissions)])
    yield _table(["permission", "roles"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    import django

    django.setup()
    page = reference()
    if "--write" in sys.argv[1:]:
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_text(page, "utf-8")
    elif not PATH.exists() or PATH.read_text("utf-8") != page:
        print("docs/reference.md is not what the code says: ./cityhall check --fix writes it anew")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
