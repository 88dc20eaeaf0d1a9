"""Plain clients that know AllTick's documents and nothing of our own feed."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
import websocket

from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.serve import ServeOptions, ServerThread

STOCK, OTHER = "/quote-stock-b-ws-api", "/quote-b-ws-api"
TOKEN = "a-token-of-ours"  # noqa: S105  made up
PATIENCE_S = 10.0


class WebsocketClient:
    """A websocket and nothing else: what it is sent is kept as it came."""

    def __init__(self, url: str) -> None:
        self.socket = websocket.create_connection(url, timeout=PATIENCE_S)
        self.n_sent = 0

    def send(self, frame: object) -> None:
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def request(self, cmd_id: int, data: object, *, trace: str | None = None) -> dict:
        """Send one request and return its answer, skipping pushes; what they were is in `skipped`."""
        self.n_sent += 1
        trace = trace or f"t-{self.n_sent}"
        self.send({"cmd_id": cmd_id, "seq_id": self.n_sent, "trace": trace, "data": data})
        return self.answer()

    def answer(self) -> dict:
        return self.until(lambda frame: "ret" in frame)

    def push(self, cmd_id: int | None = None, code: str | None = None) -> dict:
        return self.until(
            lambda frame: (
                "ret" not in frame
                and cmd_id in {None, frame.get("cmd_id")}
                and code in {None, frame.get("data", {}).get("code")}
            )
        )

    def until(self, wanted: Callable[[dict], bool]) -> dict:
        deadline = time.monotonic() + PATIENCE_S
        self.skipped: list[dict] = []
        while time.monotonic() < deadline:
            frame = json.loads(self.socket.recv())
            if wanted(frame):
                return frame
            self.skipped.append(frame)
        raise AssertionError("the awaited frame did not come")

    def trades(self, *codes: str) -> dict:
        return self.request(22004, {"symbol_list": [{"code": code} for code in codes]})

    def books(self, *codes: str, depth: int = 10) -> dict:
        return self.request(22002, {"symbol_list": [{"code": code, "depth_level": depth} for code in codes]})

    def frames_until_closed(self) -> list[str]:
        """Return every text that still comes before the peer ends the connection."""
        texts = []
        while True:
            try:
                opcode, data = self.socket.recv_data()
            except (websocket.WebSocketConnectionClosedException, ConnectionError):
                return texts
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                self.close_code = int.from_bytes(data[:2], "big")
                return texts
            texts.append(data.decode())


class House:
    """A running server and the clients of one test."""

    def __init__(self, server: ServerThread, stack: ExitStack) -> None:
        self.server, self._stack = server, stack

    def websocket(self, path: str = STOCK, token: str = TOKEN) -> WebsocketClient:
        client = WebsocketClient(f"{self.server.url}{path}?token={token}")
        self._stack.callback(client.socket.shutdown)
        return client

    def get(self, path: str, data: object, *, trace: str = "r-1", token: str = TOKEN) -> tuple[int, dict]:
        query = quote(json.dumps({"trace": trace, "data": data}))
        return self.fetch(f"{path}?token={token}&query={query}")

    def fetch(self, path: str, body: bytes | None = None, timeout_s: float = PATIENCE_S) -> tuple[int, dict]:
        request = Request(self.server.http + path, data=body, headers={"Content-Type": "application/json"})  # noqa: S310  loopback
        try:
            with urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  loopback
                return answer.status, json.load(answer)
        except HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def bars(self, code: str, base: str = "/quote-stock-b-api", **data: object) -> list[dict]:
        wanted = {
            "code": code,
            "kline_type": 8,
            "kline_timestamp_end": 0,
            "query_kline_num": 500,
            "adjust_type": 0,
        }
        _, answer = self.get(f"{base}/kline", wanted | data)
        assert answer["ret"] == 200, answer
        return answer["data"]["kline_list"]


@pytest.fixture
def house() -> Iterator[Callable[..., House]]:
    """Return a function that opens a server on two days of March 2020, at a twentieth of the pace."""
    with ExitStack() as stack:

        def opened(**options: object) -> House:
            usual = {
                "plan": "Professional",
                "first_day": date(2020, 3, 9),
                "last_day": date(2020, 3, 10),
                "day_seconds": 2.0,
                "rate": 400.0,
                "pacing": replace(Pacing().scaled(1 / 20), heartbeat_cut_s=30.0),  # few tests care to beat
            }
            server = stack.enter_context(ServerThread(ServeOptions(**(usual | options)), token=TOKEN))
            return House(server, stack)

        yield opened
