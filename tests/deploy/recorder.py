"""Stands for gcloud, bq, docker, gh and sleep: writes down how it is called, and answers briefly.

It says nothing about Google. It knows what was made before it, so that a script can be run twice:
describing and listing find what a create before has made, and a role for a service account is
refused twice, as Google does for one that is new.

Environment: RECORDED, a file of one JSON list a call; MADE, a file of one made thing a line;
REFUSED, a word: calls with it fail for good.
"""

import json
import os
import re
import sys
from pathlib import Path

TOOL, ARGUMENTS = Path(sys.argv[0]).name, sys.argv[1:]
RECORDED, MADE = Path(os.environ["RECORDED"]), Path(os.environ["MADE"])


def option(name: str) -> str:
    given = [a.partition("=")[2] for a in ARGUMENTS if a.startswith(f"--{name}=")]
    return given[0] if given else ""


def who_is_granted() -> str:
    granted = re.search(r"on schema .* to '(.*)';", ARGUMENTS[-1]) if ARGUMENTS else None
    return granted[1] if granted else option("member")


def made() -> list[str]:
    return MADE.read_text().splitlines() if MADE.exists() else []


def make(thing: str) -> None:
    if thing in made():
        fail(f"ALREADY_EXISTS: {thing}")
    with MADE.open("a") as file:
        file.write(thing + "\n")


def fail(reason: str) -> None:
    print(f"ERROR: {reason}", file=sys.stderr)
    sys.exit(1)


def answer() -> None:  # noqa: C901 - one case for each command that is answered
    words = [a for a in ARGUMENTS if not a.startswith("-")]
    kind = " ".join(words[:3])
    if (refused := os.environ.get("REFUSED")) and refused in " ".join(ARGUMENTS):
        fail("PERMISSION_DENIED")
    if member := who_is_granted():
        # Each service learns of it by itself.
        tries = f"a try to grant {member} by {TOOL} {words[0]}"
        if made().count(tries) < 2:
            with MADE.open("a") as file:
                file.write(tries + "\n")
            fail(f"INVALID_ARGUMENT: Service account {member} does not exist.")
    if "describe" in words and kind != f"projects describe {words[-1]}":
        at = words.index("describe")
        thing = f"{' '.join(words[:at])} {words[-1].partition('@')[0]}"
        if thing not in made():
            fail("NOT_FOUND")
    elif kind.startswith("projects describe"):
        print("456")
    elif words[:4] == ["beta", "monitoring", "channels", "create"]:
        make(f"channel {option('channel-labels').partition('=')[2]}")
        print("projects/p/notificationChannels/7")
    elif words[:4] == ["beta", "monitoring", "channels", "list"]:
        for thing in made():
            if thing.startswith("channel "):
                print(f"projects/p/notificationChannels/7\t{thing[8:]}")
    elif kind == "monitoring policies create":
        make(f"policy {json.loads(option('policy'))['displayName']}")
    elif kind == "monitoring policies list":
        asked = option("filter").split('"')[1]
        print("projects/p/alertPolicies/9" if f"policy {asked}" in made() else "")
    elif "create" in words or "create-oidc" in words:
        at = words.index("create" if "create" in words else "create-oidc")
        make(f"{' '.join(words[:at])} {words[-1]}")
    elif kind == "secrets versions list":
        print(os.environ.get("TOKEN_VERSIONS", ""))
    elif TOOL == "bq" and "mk" in words:
        make(f"query {option('display_name')}")
    elif TOOL == "bq" and "ls" in words:
        queries = [thing[6:] for thing in made() if thing.startswith("query ")]
        id_ = "projects/1/locations/eu/transferConfigs/42a"
        listed = [{"displayName": title, "emailPreferences": {}, "name": id_} for title in queries]
        # As bq has it: with this format alone it lists such queries, their fields in order.
        if option("format") == "prettyjson":
            print(json.dumps(listed, indent=2, sort_keys=True))
    elif TOOL == "docker" and words[0] == "inspect":
        print(f"{words[1]}@sha256:abc")
    elif TOOL == "gh":
        print("123")


with RECORDED.open("a") as file:
    file.write(json.dumps([TOOL, *ARGUMENTS]) + "\n")
answer()
