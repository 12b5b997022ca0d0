"""The state file: filled on first use, shared, and never somebody else's."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest

from qpmatch.errors import ConfigError
from qpmatch.sandbox.location import state_path
from qpmatch.sandbox.store import Store


def test_is_filled_on_first_use_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sandbox.sqlite3"
    with Store(path) as store:
        before = store.info()
        assert (before.path, before.companies, before.totp_secret) == (path, 200, None)
        with store.transaction() as db:
            db.execute("DELETE FROM company WHERE id = '0'")
    with Store(path) as store:
        assert store.info().companies == 199


def test_an_empty_file_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    path.touch()
    with Store(path) as store:
        assert store.info().companies == 200


def test_reset_replaces_everything(store: Store) -> None:
    with store.transaction() as db:
        db.execute("INSERT INTO event (at, details) VALUES (0, 'matched')")
        db.execute("INSERT INTO session (token, expires) VALUES ('t', 9e9)")
    store.reset(30, seed=4)
    info = store.info()
    assert (info.companies, info.seed) == (30, 4)
    with store.connection() as db:
        assert db.execute("SELECT count(*) FROM event").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM session").fetchone() == (0,)


def test_a_failing_transaction_changes_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as db:
            db.execute("DELETE FROM link")
            raise KeyError

    links = store.info().links
    with pytest.raises(KeyError):
        fail()
    assert store.info().links == links


@pytest.mark.parametrize("content", [b"my diary", b"SQLite format 3\0 but not really" + b"\0" * 100])
def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "drawer" / "precious"
    path.parent.mkdir()
    path.write_bytes(content)
    with Store(path) as store:
        with pytest.raises(ConfigError, match="not a sandbox state file"):
            store.info()
        with pytest.raises(ConfigError, match="not a sandbox state file"):
            store.reset(5, 1)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE company (id)")
    other.commit()
    other.close()
    content = path.read_bytes()
    with Store(path) as store, pytest.raises(ConfigError, match="not a sandbox state file"):
        store.reset(5, 1)
    assert path.read_bytes() == content


def test_a_damaged_state_file_is_said_and_can_be_reset(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with Store(path) as store:
        store.info()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with Store(path) as store:
        with pytest.raises(ConfigError, match="cannot be used") as caught:
            store.info()
        assert "sandbox reset" in (caught.value.hint or "")
        store.reset(7, 1)
        assert store.info().companies == 7


def test_another_version_asks_for_a_reset(store: Store) -> None:
    with store.connection() as db:
        db.execute("PRAGMA user_version = 99")
    with Store(store.path) as later:
        with pytest.raises(ConfigError, match="another version"):
            later.info()
        later.reset(6, 1)
        assert later.info().companies == 6


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    with Store(blocker / "sandbox.sqlite3") as store, pytest.raises(ConfigError, match="cannot be used"):
        store.info()


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    with Store(tmp_path) as store, pytest.raises(ConfigError, match="cannot be used"):
        store.info()


def _first_use(path: Path, results: multiprocessing.Queue[int]) -> None:
    with Store(path) as store:
        results.put(store.info().companies)


def test_processes_that_begin_together_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    path = tmp_path / "sandbox.sqlite3"
    workers = [context.Process(target=_first_use, args=(path, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert [results.get() for _ in workers] == [200] * 4
    results.close()


def test_threads_do_not_lose_writes(store: Store) -> None:
    def work(name: str) -> None:
        for number in range(25):
            with store.transaction() as db:
                db.execute("INSERT INTO link VALUES (?, ?)", (name, str(number)))

    before = store.info().links
    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.info().links == before + 100


def test_the_place_of_the_file_can_be_chosen(tmp_path: Path) -> None:
    assert state_path({"QPMATCH_SANDBOX": str(tmp_path / "x")}) == tmp_path / "x"
    assert state_path({}).name == "sandbox.sqlite3"
