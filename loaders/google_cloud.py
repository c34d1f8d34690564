"""Google Cloud: its settings, its logins and its errors, for the loaders and the reports alike.

Its libraries are imported when they are needed: they are slow to import, and of no use to who has
no account.
"""

import os
import re
import sys
from dataclasses import dataclass
from typing import Any

# An error page of a proxy can be long; what matters of an answer of Google's is not.
_MOST_QUOTED = 600

# How long an answer is asked for again that may be better the next time. Google's own is ten
# minutes for a request and forty for a query, in which nobody is told anything.
RETRY_SECONDS = 60.0

_LOG_IN = (
    "Log in again: on a machine of your own 'gcloud auth application-default login'; in the cloud, "
    "look whether the job's service account, its key or its federation is still there. Then run "
    "the same command again."
)
_NO_CREDENTIALS = (
    "finds no credentials of Google Cloud. On a machine of your own, run "
    "'gcloud auth application-default login'; in the cloud, give the job a service account; "
    "elsewhere, set GOOGLE_APPLICATION_CREDENTIALS"
)


@dataclass(frozen=True)
class Project:
    """The project and location of BigQuery's tables.

    Attributes:
        id: of the Google Cloud project.
        location: of its datasets, such as EU or europe-west1.
    """

    id: str
    location: str

    @property
    def name(self) -> str:
        """The project as messages call it."""
        return f"BigQuery project {self.id} ({self.location})"


class NotUsableError(Exception):
    """A setting or a login is missing; the message says which, and what to do."""


def project_of_the_environment() -> Project:
    """The project that GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION name.

    Raises:
        NotUsableError: none is named.
    """
    project = os.environ.get("GOOGLE_CLOUD_PROJECT", "").strip()
    if not project:
        raise NotUsableError("BigQuery needs a project: set GOOGLE_CLOUD_PROJECT to its id.")
    return Project(project, os.environ.get("GOOGLE_CLOUD_LOCATION", "").strip() or "EU")


def check_credentials() -> None:
    """See whether the application default is there: a login, a key, a federation or a machine's.

    Nothing is asked of BigQuery, and whatever uses it finds the same credentials by itself.

    Raises:
        NotUsableError: there is none, or it cannot be read.
    """
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

    try:
        google.auth.default()
    except (GoogleAuthError, OSError, ValueError) as error:
        chosen = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        if isinstance(error, DefaultCredentialsError) and not chosen:
            raise NotUsableError(f"BigQuery {_NO_CREDENTIALS}.") from error
        where = f"in {chosen} " if chosen else ""
        raise NotUsableError(
            f"BigQuery cannot use the credentials {where}(GOOGLE_APPLICATION_CREDENTIALS): "
            f"{_one_line(str(error))}. Set it to a file that is there and whole, or unset it and "
            "run 'gcloud auth application-default login'."
        ) from error


def explanation(error: BaseException) -> str | None:
    """Explain one of Google's errors and what to do; None where it is none of Google's.

    Args:
        error: it, or one that was raised because of it.
    """
    for cause in _causes(error):
        if _is_of("google.auth.exceptions", cause, "TransportError"):
            return _unreachable(cause)
        if _is_of("google.auth.exceptions", cause, "DefaultCredentialsError"):
            return f"It {_NO_CREDENTIALS}."
        if _is_of("google.auth.exceptions", cause, "GoogleAuthError"):
            return f"Google does not accept the login: {_one_line(_text(cause))}. {_LOG_IN}"
        if _is_of("google.api_core.exceptions", cause, "GoogleAPICallError"):
            return _refusal(cause)
        if _is_of("google.api_core.exceptions", cause, "GoogleAPIError"):  # retried in vain
            return f"{_one_line(str(cause))}. Run the same command again later."
        if _is_of("requests.exceptions", cause, "RequestException"):
            return _unreachable(cause)
    return None


def errors() -> tuple[type[Exception], ...]:
    """The classes of what Google's libraries raise, for an ``except`` that is reached."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    return GoogleAPIError, GoogleAuthError, RequestException


def is_refused(error: BaseException) -> bool:
    """Tell if Google refused for want of a right, which it may call a table that is not there."""
    return any(
        _is_of("google.api_core.exceptions", cause, "Forbidden", "Unauthorized")
        for cause in _causes(error)
    )


def retries() -> dict[str, Any]:
    """Options for Google's ``query_and_wait``: it gives up after ``RETRY_SECONDS``."""
    from google.cloud.bigquery.retry import DEFAULT_JOB_RETRY, DEFAULT_RETRY

    return {
        "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS),
        "job_retry": DEFAULT_JOB_RETRY.with_timeout(RETRY_SECONDS),
    }


def has_dataset(client: Any, dataset: str, project: Project) -> bool:
    """Tell if there is a dataset. A query in the wrong place finds none, and says no more.

    Args:
        client: a ``google.cloud.bigquery.Client``.
        dataset: its name.
        project: where to look.

    Raises:
        NotUsableError: it is in another location.
        google.api_core.exceptions.GoogleAPICallError: Google refuses to say.
    """
    from google.api_core.exceptions import NotFound

    try:
        found = client.get_dataset(f"{project.id}.{dataset}", retry=retries()["retry"], timeout=30)
    except NotFound as error:
        if _misses_the_project(_text(error)):
            raise
        return False
    if found.location and found.location.upper() != project.location.upper():
        raise NotUsableError(
            f"{project.name}: the dataset {dataset} is in {found.location}. Set "
            f"GOOGLE_CLOUD_LOCATION={found.location}; a dataset cannot be moved."
        )
    return True


def _misses_the_project(said: str) -> bool:
    return bool(re.search(r"\bproject\b", said, re.I)) and "dataset" not in said.lower()


def _refusal(error: Any) -> str:
    """Advise what to do about an answer of Google's that is an error."""
    said, code = _one_line(_text(error)), int(error.code or 0)
    details = error.errors[0] if getattr(error, "errors", None) else {}
    reason = details.get("reason", "") if isinstance(details, dict) else ""
    if code == 401:
        return f"Google does not accept the login: {said}. {_LOG_IN}"
    if code == 429 or reason in ("quotaExceeded", "rateLimitExceeded"):
        todo = (
            "A quota of the project is used up. Wait, most are per minute or per day, or have it "
            "raised (Google Cloud console, IAM & Admin, Quotas); then run the same command again."
        )
    elif reason == "billingNotEnabled":
        todo = "Give the project a billing account, or set GOOGLE_CLOUD_PROJECT to one that has it."
    elif reason == "accessNotConfigured" or "has not been used in project" in said:
        todo = (
            "Turn BigQuery on: gcloud services enable bigquery.googleapis.com. Then wait a minute."
        )
    elif code == 403:
        todo = (
            "The login may not do that here. Look whether GOOGLE_CLOUD_PROJECT names the right "
            "project, and have its owner grant the role bigquery.user on it, and "
            "bigquery.dataOwner on datasets that somebody else made."
        )
    elif re.search(r"\blocation|\bregion", said, re.I):
        todo = (
            "Set GOOGLE_CLOUD_LOCATION to where the datasets are, such as EU or europe-west1: "
            "each is in one place for good."
        )
    elif code == 404 and _misses_the_project(said):
        todo = "Set GOOGLE_CLOUD_PROJECT to the id of a project that is there; its name is no id."
    elif code == 404:
        todo = (
            "Somebody removed it, or it is elsewhere: look at GOOGLE_CLOUD_PROJECT, "
            "GOOGLE_CLOUD_LOCATION and HUB_SCHEMA_PREFIX. A load makes what is missing."
        )
    elif code >= 500:
        todo = "The fault is Google's: run the same command again later."
    else:
        todo = "Run the same command again; if it lasts, report it with this line."
    return f"Google answered {code}: {said}. {todo}"


def _unreachable(error: BaseException) -> str:
    return (
        f"Google cannot be reached: {_one_line(_text(error))}. Look at the network, and at "
        "HTTPS_PROXY if there is a proxy; then run the same command again."
    )


def _causes(error: BaseException) -> list[BaseException]:
    """An error and all that led to it, nearest first. Some hold the one before as an argument."""
    causes = [error]
    for cause in causes:  # which grows
        # As google.api_core's RetryError and dlt's failure of a load job call it.
        named = [getattr(cause, name, None) for name in ("cause", "client_exception")]
        held = [*cause.args, *named, cause.__cause__, cause.__context__]
        causes += [
            e for e in held if isinstance(e, BaseException) and all(e is not c for c in causes)
        ]
    # That something was retried in vain says less than its last failure.
    return sorted(causes, key=lambda e: _is_of("google.api_core.exceptions", e, "RetryError"))


def _is_of(module: str, error: BaseException, *names: str) -> bool:
    """Tell if an error is of a class in a module, which is not imported for that."""
    there = sys.modules.get(module)
    return there is not None and isinstance(error, tuple(getattr(there, name) for name in names))


def _text(error: BaseException) -> str:
    """Give the text of an error, without the request that it answers."""
    details = getattr(error, "errors", None)
    if isinstance(details, list) and details and isinstance(details[0], dict):
        return str(details[0].get("message") or error)
    # google.auth puts the body of the answer behind its message, which says the same once more.
    first = error.args[0] if error.args else error
    return str(getattr(error, "message", None) or first)


def _one_line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:_MOST_QUOTED].rstrip(" .") or "no reason was given"
