"""A dask.distributed cluster as a standard Executor, joined when the first task is handed over."""

import socket
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

CONNECT_S = 10.0


class ClusterUnavailable(RuntimeError):
    """The cluster cannot be joined, and why."""


class ClusterExecutor(Executor):
    """Hands each task on to the cluster at an address; joining it blocks a thread of its own, not the window.

    Parameters
    ----------
    address : str
        Of the scheduler: ``"tcp://10.0.0.5:8786"``.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._door = ThreadPoolExecutor(1, "cluster")
        self._client: Any = None
        self._there: Any = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        here: Future[Any] = Future()
        self._door.submit(self._hand_on, here, fn, args, kwargs)
        return here

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  as Executor has it
        self._door.submit(self._leave, cancel_futures=cancel_futures)
        self._door.shutdown(wait=wait)

    def _hand_on(
        self, here: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if here.cancelled():
            return
        try:
            there: Future[Any] = self._joined().submit(fn, *args, **kwargs)
        except Exception as fault:  # noqa: BLE001  whatever it was is the task's answer
            here.set_exception(fault)
            return
        here.add_done_callback(lambda given_up: there.cancel() if given_up.cancelled() else None)
        there.add_done_callback(lambda done: _answer(here, done))

    def _joined(self) -> Any:
        """Return the cluster's own executor, joined at the first task.

        Raises
        ------
        ClusterUnavailable
            If the extra is not installed, or nobody answers there.
        """
        if self._there is None:
            try:
                distributed = import_module("distributed")
            except ImportError:
                raise ClusterUnavailable(
                    "the extra `cluster` is missing: pip install 'plimsoll[cluster]', or clear the address"
                ) from None
            try:
                # A client that fails to join leaves its loop running: only one that can is made.
                parts = urlsplit(self._address)
                socket.create_connection((parts.hostname or "", parts.port or 0), CONNECT_S).close()
                self._client = distributed.Client(self._address, timeout=CONNECT_S, set_as_default=False)
            except (OSError, ValueError) as fault:
                raise ClusterUnavailable(f"no cluster answered at {self._address}: {fault}") from None
            self._there = self._client.get_executor(pure=False)
        return self._there

    def _leave(self, *, cancel_futures: bool) -> None:
        if self._there is not None:
            self._there.shutdown(wait=not cancel_futures)
            self._client.close()
            self._there = self._client = None


def _answer(here: Future[Any], there: Future[Any]) -> None:
    with suppress(InvalidStateError):  # given up in this very moment
        if there.cancelled():
            here.cancel()
        elif (fault := there.exception()) is not None:
            here.set_exception(fault)
        else:
            here.set_result(there.result())
