"""The raw schema and what dbt is told of it: a column that one lacks is lost without a word."""

from pathlib import Path

import jinja2
import pyarrow as pa
import pytest
import yaml

from loaders.warehouse import raw_schema

SOURCES = Path(__file__).parents[2] / "models" / "staging" / "_hub__sources.yml"
# By their names in either engine, as a source gives them.
TYPES = {
    "duckdb": {
        "string": pa.string(),
        "int64": pa.int64(),
        "boolean": pa.bool_(),
        "double": pa.float64(),
        "date": pa.date32(),
        "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    },
    "bigquery": {
        "string": pa.string(),
        "int64": pa.int64(),
        "boolean": pa.bool_(),
        "float64": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    },
}


@pytest.mark.parametrize("engine", TYPES)
def test_the_sources_of_dbt_have_the_columns_that_are_loaded(engine):
    text = jinja2.Template(SOURCES.read_text()).render(
        target={"type": engine}, env_var=lambda name, default: default, doc=str
    )
    (source,) = yaml.safe_load(text)["sources"]
    given = {
        f"{table['name']}.{column['name']}": TYPES[engine][column["data_type"]]
        for table in source["tables"]
        for column in table["columns"]
    }
    loaded = {
        f"{name}.{column.name}": column.type
        for name, schema in raw_schema.TABLES.items()
        for column in schema
    }
    assert given.keys() - loaded.keys() == set(), "in _hub__sources.yml, and not loaded"
    assert loaded.keys() - given.keys() == set(), "loaded, and not in _hub__sources.yml"
    assert {name: type for name, type in given.items() if loaded[name] != type} == {}
