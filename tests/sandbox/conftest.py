"""One sandbox for all tests of a process, empty at the start of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.running import Receiver, RunningSandbox


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The process that most tests share."""
    with RunningSandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(shared_sandbox: RunningSandbox) -> RunningSandbox:
    """A sandbox in which nothing has happened and which notifies nobody."""
    shared_sandbox.clock_file.write_text("0")
    shared_sandbox.control("PUT", "/webhooks/receiver", url=None)
    shared_sandbox.control("POST", "/reset")
    return shared_sandbox


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes webhooks and receipts."""
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture
def notified(sandbox: RunningSandbox, receiver: Receiver) -> RunningSandbox:
    """A sandbox that sends its webhooks to `receiver`."""
    sandbox.control("PUT", "/webhooks/receiver", url=receiver.url)
    return sandbox
