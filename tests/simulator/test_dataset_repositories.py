"""The dataset repositories of a local Hub, as huggingface_hub meets them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from simulator import (
    DatasetRepository,
    LocalHubError,
    LocalHubServer,
    SyntheticHub,
    read_repositories,
    read_repository,
    serve,
)
from tests.faulty_files import FILE_FAULTS
from tests.faulty_hub import FILES, RandomFaults
from tests.simulator.client import get

CARD = "---\nlicense: odbl\npretty_name: Weeks\n---\n# Weeks of a Hub\n"
WEEKS = ("2026-01-07", "2026-01-14", "2026-01-21")
NAME = "org/weeks"
ROOT = f"datasets/{NAME}"
EMPTY = SyntheticHub(models=0, datasets=0)


def content(week: str, kind: str) -> bytes:
    return f"{kind} of {week};".encode() * 50_000


def write_week(folder: Path, week: str) -> None:
    for kind in ("models", "datasets"):
        file = folder / kind / week / f"{kind}.parquet"
        file.parent.mkdir(parents=True)
        file.write_bytes(content(week, kind))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> DatasetRepository:
    """A folder in the weekly layout, of one commit."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "README.md").write_text(CARD)
    for week in WEEKS:
        write_week(folder, week)
    for file in folder.rglob("*"):
        os.utime(file, (1_769_000_000, 1_769_000_000))
    return read_repository(NAME, folder)


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> DatasetRepository:
    """A repository that replaces its two files in each of 120 commits, one a day."""
    folder = tmp_path_factory.mktemp("daily")
    first = datetime(2026, 1, 1, 3, tzinfo=UTC)
    for day in range(120):
        commit = folder / f"{first + timedelta(day):%Y-%m-%dT%H:%M:%SZ}"
        commit.mkdir()
        (commit / "models.parquet").write_bytes(b"models %d" % day)
        if day % 2 == 0:
            (commit / "datasets.parquet").write_bytes(b"datasets %d" % day)
    return read_repository("org/days", folder)


@pytest.fixture(scope="module")
def hub(plain, daily) -> Iterator[LocalHubServer]:
    repositories = {one.name: one for one in (plain, daily)}
    repositories["org/gated"] = DatasetRepository("org/gated", plain._commits, gated="manual")
    with LocalHubServer(EMPTY, repositories=repositories) as server:
        yield server


@pytest.fixture
def files(hub) -> HfFileSystem:
    return HfFileSystem(endpoint=hub.endpoint, token=False, skip_instance_cache=True)


@pytest.fixture
def api(hub) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=False)


def test_the_client_lists_folders_and_files_with_their_sizes(files):
    assert files.ls(ROOT, detail=False) == [
        f"{ROOT}/{name}" for name in ("README.md", "datasets", "models")
    ]
    week = files.ls(f"{ROOT}/models/{WEEKS[1]}")
    assert [(file["name"], file["size"]) for file in week] == [
        (f"{ROOT}/models/{WEEKS[1]}/models.parquet", len(content(WEEKS[1], "models")))
    ]
    assert files.glob(f"{ROOT}/models/*/*.parquet") == [
        f"{ROOT}/models/{week}/models.parquet" for week in WEEKS
    ]
    assert files.ls(week[0]["name"])[0]["size"] == week[0]["size"]


def test_the_client_reads_parts_of_a_file(files):
    expected = content(WEEKS[2], "datasets")
    with files.open(f"{ROOT}/datasets/{WEEKS[2]}/datasets.parquet", block_size=1000) as file:
        file.seek(700_000)
        assert file.read(3000) == expected[700_000:703_000]
        file.seek(-10, os.SEEK_END)
        assert file.read() == expected[-10:]
    assert files.cat_file(f"{ROOT}/README.md") == CARD.encode()


def test_a_download_is_whole(api, tmp_path):
    path = f"models/{WEEKS[0]}/models.parquet"
    file = hf_hub_download(
        NAME, path, repo_type="dataset", endpoint=api.endpoint, cache_dir=tmp_path, token=False
    )
    assert Path(file).read_bytes() == content(WEEKS[0], "models")


def test_a_repository_says_its_licence_and_its_commit(api, plain):
    info = api.dataset_info(NAME, files_metadata=True)
    assert (info.card_data.license, info.tags) == ("odbl", ["license:odbl"])
    assert info.sha == plain.revision("main").sha
    assert info.last_modified == datetime(2026, 1, 21, 12, 53, 20, tzinfo=UTC)
    sizes = {file.rfilename: file.size for file in info.siblings}
    assert sizes[f"models/{WEEKS[0]}/models.parquet"] == len(content(WEEKS[0], "models"))
    few = api.dataset_info(NAME, expand=["sha", "cardData"])
    assert (few.sha, few.card_data.license, few.siblings) == (info.sha, "odbl", None)


def test_commits_come_in_pages_the_newest_first(api, hub):
    before = len(hub.requests)  # other tests ask this Hub, too
    commits = api.list_repo_commits("org/days", repo_type="dataset")
    assert len({commit.commit_id for commit in commits}) == 120
    assert commits[0].created_at == datetime(2026, 4, 30, 3, tzinfo=UTC)
    assert commits[-1].created_at == datetime(2026, 1, 1, 3, tzinfo=UTC)
    asked = [request.target for request in hub.requests[before:] if "/commits/" in request.target]
    assert len(asked) == 3
    since = api.list_repo_commits("org/days", repo_type="dataset", revision=commits[100].commit_id)
    assert [commit.commit_id for commit in since] == [commit.commit_id for commit in commits[100:]]


def test_a_revision_keeps_what_it_held(api, hub):
    third = api.list_repo_commits("org/days", repo_type="dataset")[-3].commit_id
    files = HfFileSystem(endpoint=hub.endpoint, token=False, skip_instance_cache=True)
    assert files.cat_file(f"datasets/org/days@{third}/models.parquet") == b"models 2"
    assert files.cat_file("datasets/org/days/models.parquet", revision=third) == b"models 2"
    assert files.cat_file("datasets/org/days/models.parquet") == b"models 119"
    assert api.dataset_info("org/days", revision=third).sha == third


def test_the_date_of_a_file_is_that_of_the_commit_that_changed_it_last(api):
    tree = api.list_repo_tree("org/days", repo_type="dataset", expand=True)
    dates = {file.path: file.last_commit.date for file in tree}
    assert dates == {
        "models.parquet": datetime(2026, 4, 30, 3, tzinfo=UTC),
        "datasets.parquet": datetime(2026, 4, 29, 3, tzinfo=UTC),
    }
    paths = ["datasets.parquet", "nothing.parquet"]
    (info,) = api.get_paths_info("org/days", paths, repo_type="dataset", expand=True)
    assert info.last_commit.date == dates["datasets.parquet"]


def test_a_large_tree_comes_in_pages(tmp_path):
    for week in range(70):
        (tmp_path / f"org/many/models/{week:03}").mkdir(parents=True)
        (tmp_path / f"org/many/models/{week:03}/models.parquet").write_bytes(b"%d" % week)
    with serve(EMPTY, repositories=tmp_path) as endpoint:
        api = HfApi(endpoint=endpoint, token=False)
        tree = list(
            api.list_repo_tree("org/many", repo_type="dataset", recursive=True, expand=True)
        )
        response, body = get(
            f"{endpoint}/api/datasets/org/many/tree/main?recursive=true&expand=true"
        )
    assert len(tree) == len({entry.path for entry in tree}) == 141
    assert body.count(b'"path"') == 50
    assert "cursor=1" in response.headers["Link"]


def test_an_etag_is_the_hash_of_the_content(hub, plain):
    path = f"models/{WEEKS[0]}/models.parquet"
    url = f"{hub.endpoint}/{ROOT}/resolve/main/{path}"
    response = httpx2.head(url)
    file = plain.revision("main").tree[path].file
    assert response.status_code == 302
    assert response.headers["X-Repo-Commit"] == plain.revision("main").sha
    assert response.headers["X-Linked-Size"] == str(file.size)
    assert response.headers["X-Linked-ETag"] == f'"{file.sha256}"'
    part = httpx2.get(url, headers={"Range": "bytes=5-9"}, follow_redirects=True)
    assert (part.status_code, part.content) == (206, content(WEEKS[0], "models")[5:10])
    assert part.headers["ETag"] == f'"{file.sha256}"'


def test_what_is_not_there_is_said_as_the_hub_says_it(api, files):
    with pytest.raises(RepositoryNotFoundError):
        api.dataset_info("org/nothing", token="hf_made_up")
    with pytest.raises(HfHubHTTPError, match="401"):  # strangers are not told
        api.dataset_info("org/nothing")
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info(NAME, revision="0" * 40)
    with pytest.raises(RemoteEntryNotFoundError):
        list(api.list_repo_tree(NAME, "nowhere", repo_type="dataset"))
    url = f"{api.endpoint}/{ROOT}/resolve/main/nothing.parquet"
    with pytest.raises(RemoteEntryNotFoundError):
        api.get_hf_file_metadata(url=url)
    with pytest.raises(FileNotFoundError):
        files.info(f"{ROOT}/models/2026-02-28/models.parquet")


@pytest.mark.parametrize(("token", "status"), [(False, 401), ("hf_made_up", 403)])
def test_a_gated_repository_shows_its_tree_and_gives_no_file(hub, token, status):
    api = HfApi(endpoint=hub.endpoint, token=token)
    assert api.dataset_info("org/gated").gated == "manual"
    assert len(list(api.list_repo_tree("org/gated", repo_type="dataset"))) == 3
    with pytest.raises(GatedRepoError) as raised:
        api.get_hf_file_metadata(url=f"{hub.endpoint}/datasets/org/gated/resolve/main/README.md")
    assert raised.value.response.status_code == status


def test_a_path_out_of_the_folder_is_none(hub):
    url = f"{hub.endpoint}/{ROOT}/resolve/main/..%2F..%2Fetc%2Fpasswd"
    assert get(url)[0].status == 404


@pytest.mark.parametrize("card", ["no head", "---\n[a: b\n---\n", "---\n- list\n---\n", "---\n"])
def test_a_card_that_cannot_be_read_says_nothing(tmp_path, card):
    (tmp_path / "README.md").write_text(card)
    assert read_repository("org/odd", tmp_path).revision("main").card == {}


def test_a_folder_without_a_file_is_refused(tmp_path):
    (tmp_path / "org" / "empty").mkdir(parents=True)
    with pytest.raises(LocalHubError, match="holds no file"):
        read_repositories(tmp_path)
    with pytest.raises(LocalHubError, match="no folder"):
        read_repositories(tmp_path / "nothing")


@pytest.mark.parametrize("kind", FILE_FAULTS)
def test_a_fault_of_a_file_spoils_a_part_and_passes(plain, kind):
    path = f"models/{WEEKS[0]}/models.parquet"
    expected = content(WEEKS[0], "models")[600:1600]
    faults = RandomFaults(1, 0.99, kinds=[kind])
    with LocalHubServer(EMPTY, repositories={NAME: plain}, fault=faults) as hub:
        place = f"{hub._storage.address}/objects/{plain.revision('main').tree[path].file.sha256}"
        answers = [get(place, {"Range": "bytes=600-1599"}) for _ in range(2)]
    assert [name for _, name in faults.injected] == [kind]
    statuses = {"403 of a link that ran out": 403, "416": 416, "file: the whole for a part": 200}
    assert (answers[0][0].status, answers[0][1] == expected) == (statuses.get(kind, 206), False)
    assert (answers[1][0].status, answers[1][1] == expected) == (206, True)


def test_faults_of_all_kinds_happen_to_what_a_client_asks_for(plain):
    path = f"models/{WEEKS[0]}/models.parquet"
    faults = RandomFaults(2, 0.6, kinds=FILES, stall_seconds=0.1)
    with (
        LocalHubServer(EMPTY, repositories={NAME: plain}, fault=faults) as hub,
        httpx2.Client(follow_redirects=True, timeout=0.3) as client,
    ):
        for n in range(60):
            with suppress(httpx2.HTTPError):
                client.get(f"{hub.endpoint}/api/{ROOT}/tree/main?n={n}")
                client.get(f"{hub.endpoint}/{ROOT}/resolve/main/{path}?n={n}")
    asked = {target.split("/")[1] for target, _ in faults.injected}
    assert asked == {"api", "datasets", "objects"}
    assert len({kind for _, kind in faults.injected}) > len(FILES) / 2
