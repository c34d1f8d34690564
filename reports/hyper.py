"""Tables as Tableau's own files, by its own library, which is an extra: it weighs 290 MB."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path


def is_installed() -> bool:
    """Tell whether the extra ``tableau`` is there."""
    return importlib.util.find_spec("tableauhyperapi") is not None


def write(files: Sequence[tuple[Path, Path]]) -> None:
    """Write each Parquet file as a .hyper file with the one table that Tableau looks for."""
    from tableauhyperapi import (
        Connection,
        CreateMode,
        HyperProcess,
        Telemetry,
        escape_string_literal,
    )

    with HyperProcess(
        Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU,
        parameters={"log_config": ""},  # or it leaves a log in the working folder
    ) as process:
        for parquet, target in files:
            with Connection(process.endpoint, target, CreateMode.CREATE_AND_REPLACE) as connection:
                connection.catalog.create_schema("Extract")
                connection.execute_command(
                    'create table "Extract"."Extract" as select * from '
                    f"external({escape_string_literal(str(parquet))}, format => 'parquet')"
                )
