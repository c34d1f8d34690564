"""Write languages.csv: every code that a dataset's language can have after normalisation.

    python seeds/generate_languages.py           write the file and say what was written
    python seeds/generate_languages.py --check   exit 1 if the file is not what would be written

The codes are ISO 639-3 (as ISO 639-1 where that exists) and ISO 639-5, both from pycountry, and
the few that only the Hub's own list knows. Codes that language_normalisation.csv maps to another
and those that non_languages.csv drops are left out: they never survive normalisation.
"""

import argparse
import csv
import io
import sys
from importlib.metadata import version
from pathlib import Path

import pycountry

SEEDS = Path(__file__).parent
LANGUAGES_CSV = SEEDS / "languages.csv"

# ISO 639-3 tells a language from its historical stages, its dialects and its macrolanguage in the
# name itself, or keeps an older spelling. A chart's legend needs the everyday name instead.
DISPLAY_NAMES = {
    "el": "Greek",  # Modern Greek (1453-)
    "ht": "Haitian Creole",  # Haitian
    "ia": "Interlingua",  # with the name of the association that made it
    "ky": "Kyrgyz",  # Kirghiz
    "ms": "Malay",  # (macrolanguage)
    "ne": "Nepali",  # (macrolanguage)
    "oc": "Occitan",  # (post 1500)
    "or": "Odia",  # Oriya (macrolanguage)
    "pa": "Punjabi",  # Panjabi
    "ps": "Pashto",  # Pushto
    "sw": "Swahili",  # (macrolanguage)
    "to": "Tongan",  # Tonga (Tonga Islands)
    "ug": "Uyghur",  # Uighur
}

# On the Hub's list (huggingface/datasets@b7cb10b, languages.json), but in neither ISO 639-3 nor
# ISO 639-5: withdrawn by ISO, or never there. Datasets carry them, so they are known codes.
HUB_ONLY = {
    "ajp": "South Levantine Arabic",
    "bh": "Bihari languages",
    "dek": "Dek",
    "him": "Himachali languages",
    "kgm": "Karipúna",
    "ksa": "Shuwa-Zamani",
    "nom": "Nocamán",
    "nte": "Nathembo",
    "plj": "Polci",
    "pmk": "Pamlico",
    "prp": "Parsi",
    "slq": "Salchuq",
    "szd": "Seru",
    "tmk": "Northwestern Tamang",
    "tpw": "Tupí",
    "xss": "Assan",
    "zkb": "Koibal",
    "zua": "Zeem",
}


def column(seed: str, name: str) -> set[str]:
    """The distinct values of a column of another seed."""
    with (SEEDS / seed).open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file)}


def languages() -> dict[str, str]:
    """Display name by canonical code, in code order."""
    names = dict(HUB_ONLY)
    names |= {family.alpha_3: family.name for family in pycountry.language_families}
    names |= {
        getattr(language, "alpha_2", language.alpha_3): language.name
        for language in pycountry.languages
    }
    unknown = DISPLAY_NAMES.keys() - names.keys()
    if unknown:
        raise ValueError(f"display names for codes that no list has: {sorted(unknown)}")
    names |= DISPLAY_NAMES
    replaced = column("language_normalisation.csv", "raw_code")
    dropped = column("non_languages.csv", "language")
    return {code: names[code] for code in sorted(names.keys() - replaced - dropped)}


def as_csv(names: dict[str, str]) -> str:
    """The text of languages.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["language", "language_name"])
    writer.writerows(names.items())
    return text.getvalue()


def main() -> int:
    """Run the command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    check = parser.parse_args().check

    names = languages()
    text = as_csv(names)
    origin = f"{len(names):,} languages, from pycountry {version('pycountry')}"
    if not check:
        LANGUAGES_CSV.write_text(text, encoding="utf-8", newline="")
        print(f"wrote {LANGUAGES_CSV.name}: {origin}")
        return 0
    if LANGUAGES_CSV.read_text(encoding="utf-8") == text:
        print(f"{LANGUAGES_CSV.name} is up to date: {origin}")
        return 0
    print(f"{LANGUAGES_CSV.name} differs from what would be written: {origin}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
