"""The rules of the layers, read from dbt's manifest: ``python -m tools.layers [MANIFEST]``.

A model that must break one says so, with its reason, where it is described; the check honours
it and lists it:

    config:
      meta:
        exception: {grain: "Why this one may."}

An exception without a reason, or from a rule that is not broken, is itself a breach.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from reports.manifest import VALIDATION_TEST, keys

Node = dict[str, Any]

# Which layers a model of a layer may read.
MAY_READ = {
    "staging": {"sources"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "marts": {"intermediate", "seeds"},
    "trends": {"intermediate"},
    "ecosystem": {"intermediate", "marts", "ecosystem", "seeds"},
    "reporting": {"intermediate", "marts", "trends", "ecosystem", "seeds"},
    "exposures": {"marts", "trends", "ecosystem", "reporting"},
}
PREFIXES = {
    "staging": "stg_hub__",
    "intermediate": "int_",
    "marts": "",
    "trends": "",
    "ecosystem": "",
    "reporting": "",
}
FOR_READERS = ("marts", "trends", "ecosystem", "reporting")

# What a column that readers meet may say of itself in config.meta; models/marts/_marts__models.yml
# says what the words mean.
NO_UNIT = "none"
UNITS = {
    "US dollars of 2023 per current US dollar",
    "Spaces",
    "current US dollars",
    "current US dollars per million parameters",
    "datasets",
    "days",
    "downloads",
    "downloads in the last 30 days",
    "estimated models",
    "fraction",
    "generations",
    "gigabytes",
    "index, 100 in the first month",
    "likes",
    "models",
    "models lost per model and month",
    "months",
    "names of parents",
    "pairs of child and parent",
    "parameters",
    "publishers",
    "rank",
    "repositories",
    "revisions",
    "third of a power of ten",
    "unit of the figure",
    "units",
    NO_UNIT,
}
AGGREGATIONS = {"sum", "max", "none"}
# Data types of what has a unit; the project's contracts use these two alone, by engine.
NUMBERS = {"int64", "double", "float64"}


class Breach(NamedTuple):
    """A break of a rule: what breaks it, which one, and how."""

    name: str
    rule: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name} [{self.rule}]: {self.problem}"


@dataclass(frozen=True)
class Project:
    """dbt's manifest, as its ``target/manifest.json`` has it."""

    manifest: dict[str, Any]

    def nodes(self, *kinds: str) -> list[Node]:
        """Models, seeds, exposures and sources of the named kinds."""
        sections = ("nodes", "exposures", "sources")
        every = (node for section in sections for node in self.manifest[section].values())
        return [node for node in every if node["resource_type"] in kinds]

    def layer(self, unique_id: str) -> str:
        """The layer of whatever is read: a folder of models/, or seeds, sources, exposures."""
        kind = unique_id.partition(".")[0]
        if kind == "model":
            return str(self.manifest["nodes"][unique_id]["fqn"][1])
        return f"{kind}s"

    def parents(self, node: Node) -> list[str]:
        return list(node["depends_on"]["nodes"])

    def grain(self, node: Node) -> set[str] | None:
        """Columns that tell a model's rows apart, by its tests; none where no test says it."""
        return set(keys(self.manifest["nodes"], node["unique_id"])) or None


def reads(project: Project, node: Node) -> Iterator[str]:
    """A layer reads those before it, and no other."""
    layer = project.layer(node["unique_id"])
    allowed = MAY_READ[layer]
    for parent in project.parents(node):
        if (read := project.layer(parent)) not in allowed:
            name = parent.rpartition(".")[2]
            yield f"{layer} reads {name} of {read}; allowed: {', '.join(sorted(allowed))}"


def name(project: Project, node: Node) -> Iterator[str]:
    """A name tells the layer; readers meet names without a prefix."""
    layer = project.layer(node["unique_id"])
    if not node["name"].startswith(PREFIXES[layer]):
        yield f"in {layer} a name begins with {PREFIXES[layer]}"
    if layer in FOR_READERS and node["name"].startswith(tuple(filter(None, PREFIXES.values()))):
        yield f"in {layer} a name has no prefix"


def staging(project: Project, node: Node) -> Iterator[str]:
    """A staging model is a view of the one source that it is named after."""
    if project.layer(node["unique_id"]) != "staging":
        return
    sources = [parent.rpartition(".")[2] for parent in project.parents(node)]
    if sources != [node["name"].removeprefix(PREFIXES["staging"])]:
        yield f"it reads {', '.join(sources) or 'nothing'}, not the one source of its name"
    if node["config"]["materialized"] != "view":
        yield f"it is a {node['config']['materialized']}, not a view"


def described(project: Project, node: Node) -> Iterator[str]:
    """A model and each of its columns say what they are."""
    if not node["description"].strip():
        yield "it has no description"
    if not node["columns"]:
        yield "no column is described"
    for column in node["columns"].values():
        if not column["description"].strip():
            yield f"column {column['name']} has no description"


def grain(project: Project, node: Node) -> Iterator[str]:
    """The first sentence of a description says what one row is."""
    if "one row per " not in node["description"].partition(". ")[0].lower():
        yield "the first sentence of its description does not say 'one row per …'"


def contract(project: Project, node: Node) -> Iterator[str]:
    """A model that readers meet has a contract, and its grain is tested."""
    if project.layer(node["unique_id"]) not in FOR_READERS:
        return
    if not node["config"]["contract"]["enforced"]:
        yield "no contract is enforced"
    if project.grain(node) is None:
        yield f"no test of its grain: {VALIDATION_TEST}"


def quantity(project: Project, node: Node) -> Iterator[str]:
    """A column that readers meet says its unit, how its rows combine, and over which keys."""
    if project.layer(node["unique_id"]) not in FOR_READERS:
        return
    keys = project.grain(node)
    for column in node["columns"].values():
        for problem in _quantity_problems(column, keys):
            yield f"column {column['name']}: {problem}"


def _quantity_problems(column: dict[str, Any], keys: set[str] | None) -> Iterator[str]:
    meta = column["config"].get("meta", {})
    unit, aggregation = meta.get("unit"), meta.get("aggregation")
    additive_over = meta.get("additive_over")
    if unit not in UNITS:
        yield f"config.meta.unit is {unit!r}; allowed: {', '.join(sorted(UNITS))}"
    elif (unit == NO_UNIT) == (column["data_type"] in NUMBERS):
        yield f"a {column['data_type']} with the unit {unit!r}: numbers have one, and they alone"
    if aggregation not in AGGREGATIONS:
        known = ", ".join(sorted(AGGREGATIONS))
        yield f"config.meta.aggregation is {aggregation!r}; allowed: {known}"
    elif unit == NO_UNIT and aggregation != "none":
        yield f"config.meta.aggregation is {aggregation!r} of what is no number"
    if (aggregation == "sum") != bool(additive_over):
        yield "config.meta.additive_over names the keys that a sum is right over, and a sum's alone"
    elif keys is not None and (unknown := set(additive_over or []) - keys):
        yield f"config.meta.additive_over names {', '.join(sorted(unknown))}, not of its grain"


def seed_source(project: Project, node: Node) -> Iterator[str]:
    """A seed says where its facts come from, or that the list is the project's own."""
    if not any(word in node["description"] for word in ("Source", "own list")):
        yield "its description names no Source, and does not call it the project's own list"


def one_macro_a_file(project: Project) -> Iterator[Breach]:
    """A file of macros/ holds the macro of its name, its variants by engine, and what it does."""
    for macro in project.manifest["macros"].values():
        path = Path(macro["original_file_path"])
        if macro["package_name"] != project.manifest["metadata"]["project_name"]:
            continue
        if path.parts[0] == "macros" and macro["name"].rpartition("__")[2] != path.stem:
            yield Breach(macro["name"], "macro", f"it stands in {path}")


def one_text(project: Project) -> Iterator[Breach]:
    """A text that columns of several files share is a doc block, so that it is written once."""
    # Not by a column's doc_blocks: they are empty where a setting is put into the block's text.
    blocks = [re.escape(_one_line(d["block_contents"])) for d in project.manifest["docs"].values()]
    doc_block = re.compile("|".join(re.sub(r"\\{.*?\\}", ".*", block) for block in blocks))
    files: dict[str, set[str]] = defaultdict(set)
    places: dict[str, str] = {}
    for node in project.nodes("model", "seed", "source"):
        for column in node["columns"].values():
            text = _one_line(column["description"])
            files[text].add(node.get("patch_path") or node["original_file_path"])
            places[text] = f"{node['name']}.{column['name']}"
    for text, place in places.items():
        if text and len(files[text]) > 1 and not doc_block.search(text):
            paths = " and ".join(sorted(path.rpartition("/")[2] for path in files[text]))
            yield Breach(place, "one_text", f"its text stands in {paths}: make it a doc block")


def _one_line(text: str) -> str:
    return " ".join(text.split())


RULES: dict[str, list[Callable[[Project, Node], Iterator[str]]]] = {
    "model": [reads, name, staging, described, grain, contract, quantity],
    "seed": [described, seed_source],
    "exposure": [reads],
}


def breaches(manifest: dict[str, Any]) -> list[Breach]:
    """Every breach that is not excepted, and every exception that excepts nothing."""
    project = Project(manifest)
    found = [*one_macro_a_file(project), *one_text(project)]
    for kind, rules in RULES.items():
        for node in project.nodes(kind):
            excepted = _excepted(node)
            for rule in rules:
                problems = [Breach(node["name"], rule.__name__, p) for p in rule(project, node)]
                reason = excepted.pop(rule.__name__, None)
                if reason is None:
                    found += problems
                elif not problems:
                    found.append(Breach(node["name"], rule.__name__, "excepted, but not broken"))
                elif not str(reason).strip():
                    found.append(Breach(node["name"], rule.__name__, "excepted without a reason"))
            found += [Breach(node["name"], rule, "there is no such rule") for rule in excepted]
    return found


def exceptions(manifest: dict[str, Any]) -> list[Breach]:
    """Every recorded exception, with its reason as the problem."""
    return [
        Breach(node["name"], rule, reason)
        for node in Project(manifest).nodes(*RULES)
        for rule, reason in _excepted(node).items()
    ]


def _excepted(node: Node) -> dict[str, str]:
    return dict(node["config"].get("meta", {}).get("exception", {}))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print exceptions and breaches; gives 1 where there is a breach, or no manifest."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.layers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "manifest",
        nargs="?",
        type=Path,
        default="target/manifest.json",
        metavar="MANIFEST",
        help="as dbt writes it (default: %(default)s)",
    )
    path = parser.parse_args(arguments).manifest
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"error: {path} cannot be read: {error}. Run dbt parse first.", file=sys.stderr)
        return 1
    for exception in exceptions(manifest):
        print(f"excepted: {exception}")
    found = breaches(manifest)
    for breach in found:
        print(f"error: {breach}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
