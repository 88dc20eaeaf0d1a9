"""One listening server: what it was told to replay, its port, its connections, its pump."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from plimsoll.alltick_server.connection import Connection
from plimsoll.alltick_server.fault import UnknownFault
from plimsoll.alltick_server.listing import Group
from plimsoll.alltick_server.pacing import ARRIVAL_JITTER_S
from plimsoll.alltick_server.plan import PLANS
from plimsoll.alltick_server.rest import Rest
from plimsoll.alltick_server.serve_options import BadOption, ServeOptions, market_for
from plimsoll.alltick_server.venue import OK, RATE_LIMIT, TEXT_BY_RET, TOKEN_INVALID, TOO_MANY_CLOSING, Venue
from plimsoll.domain.units import NS_PER_S

__all__ = ["RunningServer", "ServeOptions"]

WS_PATHS: dict[str, Group] = {"/quote-stock-b-ws-api": "stock", "/quote-b-ws-api": "other"}
Said = Callable[[dict[str, object]], None]


JUMP_S = 0.05
"""Wall seconds by which exchange time must be off its line before it counts as a jump."""


class FaultWanted(msgspec.Struct):
    """A line of the side channel that switches a fault."""

    fault: str
    share: float = 1.0
    on: bool = True
    times: int = 1


class RunningServer:
    """AllTick's four doors on one loopback port."""

    def __init__(self, options: ServeOptions, token: str, say: Said | None = None) -> None:
        options.check()
        self._options = options
        self._say: Said = say or (lambda _: None)
        self.market = market_for(options)
        self.venue = Venue(
            self.market,
            token=token,
            plan=PLANS[options.plan],
            pacing=options.pacing,
            readings=options.readings,
            seed=options.seed,
            on_start=self._tell_start,
        )
        self._connections: set[Connection] = set()
        self._runner: web.AppRunner | None = None
        self._pump: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._has_told_end = False
        self._told_mapping: tuple[int, int] | None = None
        self.port = options.port

    @property
    def url(self) -> str:
        """Return where websockets are opened, without a path."""
        return f"ws://{self._options.host}:{self.port}"

    @property
    def http(self) -> str:
        """Return where REST is called, without a path."""
        return f"http://{self._options.host}:{self.port}"

    async def open(self) -> None:
        """Listen.

        Raises
        ------
        BadOption
            If the port cannot be had.
        """
        app = web.Application()
        app.add_routes([web.get(path, self._opened(group)) for path, group in WS_PATHS.items()])
        app.add_routes(Rest(self.venue).routes())
        # No access log: the token stands in every URL.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, self._options.host, self._options.port)
            await site.start()
        except OSError as taken:
            await self._runner.cleanup()
            place = f"{self._options.host}:{self._options.port}"
            reason = taken.strerror or str(taken)
            raise BadOption(
                f"{place} was refused ({reason}), expected a free port: choose another, or 0"
            ) from taken
        self.port = self._runner.addresses[0][1]
        if self._options.start == "now":
            self.venue.start()
        self._pump = asyncio.create_task(self._run())

    async def run_until(self, ended: asyncio.Event) -> None:
        """Wait for the end; a fault of our own that stops the ticks is raised, never left as a silence."""
        if self._pump is None:
            raise RuntimeError("the server was not open, expected open() first")
        waiting = asyncio.create_task(ended.wait())
        await asyncio.wait({waiting, self._pump}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._pump.done():
            self._pump.result()

    async def close(self) -> None:
        """Close every connection, then the port."""
        if self._pump is not None and not self._pump.done():
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        await asyncio.gather(*(connection.close() for connection in list(self._connections)), *self._closing)
        if self._runner is not None:
            await self._runner.cleanup()

    def ready_line(self) -> dict[str, object]:
        """Return what a client needs to know: where, what, and how exchange time maps to wall time."""
        return {
            "ready": True,
            "url": self.url,
            "http": self.http,
            "plan": self.venue.plan.name,
            "codes": len(self.market.listings),
            "start": self._options.start,
            **self._mapping(),
            **self.market.about(),
        }

    def started_line(self) -> dict[str, object] | None:
        """Return the mapping of clocks once the market runs."""
        return None if self.venue.wall_start_ns is None else {"market_started": True, **self._mapping()}

    def fault(self, name: str, *, share: float = 1.0, on: bool = True, times: int = 1) -> None:
        """Switch one fault; `cut` and `close` strike at once.

        Raises
        ------
        UnknownFault
            If there is no such fault.
        """
        self.venue.faults.switch(name, share=share, on=on, times=times)
        if name == "cut" and self.venue.faults.strikes("cut"):
            for connection in list(self._connections):
                connection.cut()
        if name == "close" and self.venue.faults.strikes("close"):
            for connection in list(self._connections):
                self._close_soon(connection)

    def clear_faults(self) -> None:
        """Turn all faults off."""
        self.venue.faults.clear()

    def counts(self) -> list[dict[str, object]]:
        """Return what each connection was sent, to the tick."""
        return self.venue.counts()

    @property
    def has_ended(self) -> bool:
        """Say whether every open connection has been sent the market's last tick."""
        return self.venue.wall_start_ns is not None and all(
            c.subscription.has_ended for c in self._connections
        )

    def control_text(self, line: str) -> dict[str, object]:
        """Obey one line of the side channel and return the answer."""
        try:
            command = json.loads(line)
            return {"ok": True, **self._control(command)}
        except UnknownFault as unknown:
            return {"ok": False, "error": str(unknown)}
        except (ValueError, TypeError, AttributeError, KeyError):
            return {
                "ok": False,
                "error": f"the line was {line.strip()!r}, expected a fault or a command as JSON",
            }

    def _control(self, command: dict[str, object]) -> dict[str, object]:
        if "fault" in command:
            wanted = msgspec.convert(command, FaultWanted)
            self.fault(wanted.fault, share=wanted.share, on=wanted.on, times=wanted.times)
            return {"fault": wanted.fault}
        match command["command"]:
            case "counts":
                return {"counts": self.counts(), "ended": self.has_ended}
            case "clear":
                self.clear_faults()
                return {"command": "clear"}
            case _:
                raise ValueError(command)

    def _mapping(self) -> dict[str, object]:
        return {
            "exchange_start_ns": self.market.exchange_start_ns,
            "wall_start_ns": self.venue.wall_start_ns,
            "speed": self.market.speed,
        }

    def _tell_start(self) -> None:
        if self._options.start == "subscription":  # else the ready line says it already
            self._say({"market_started": True, **self._mapping()})

    def _tell_jump(self, elapsed_ns: int) -> None:
        """Say how the clocks map anew after a night: exchange time has jumped."""
        wall_start_ns = self.venue.wall_start_ns
        if self.market.is_flat_out or self.has_ended or wall_start_ns is None:
            return
        now_ns = self.market.exchange_time_ns(elapsed_ns)
        since_ns, from_ns = self._told_mapping or (0, self.market.exchange_start_ns)
        expected_ns = from_ns + (elapsed_ns - since_ns) * self.market.speed
        if abs(now_ns - expected_ns) > JUMP_S * NS_PER_S * self.market.speed:
            self._told_mapping = (elapsed_ns, now_ns)
            mapping = {"exchange_start_ns": now_ns, "wall_start_ns": wall_start_ns + elapsed_ns}
            self._say({"market_jumped": True, **mapping, "speed": self.market.speed})

    def _opened(self, group: Group) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def opened(request: web.Request) -> web.StreamResponse:
            token = request.query.get("token", "")
            ret = self._admission(token, group)
            readings = self.venue.readings
            if (ret == TOKEN_INVALID and readings.at_bad_handshake == "401") or ret == RATE_LIMIT:
                text = "token is required" if ret == TOKEN_INVALID and not token else TEXT_BY_RET[ret]
                return web.json_response({"msg": text, "ret": ret}, status=ret)
            socket = web.WebSocketResponse(timeout=1.0, compress=False, autoping=True)
            await socket.prepare(request)
            if ret != OK:
                answer = {
                    "ret": ret,
                    "msg": TEXT_BY_RET[ret],
                    "cmd_id": 0,
                    "seq_id": 0,
                    "trace": "",
                    "data": {},
                }
                await socket.send_json(answer)
                await socket.close(code=readings.close_code)
                return socket
            if request.transport is None:
                return socket
            connection = Connection(self.venue, group, socket, request.transport)
            self._connections.add(connection)
            try:
                await connection.serve()
            finally:
                self._connections.discard(connection)
            return socket

        return opened

    def _admission(self, token: str, group: Group) -> int:
        """Return how a handshake is answered: 200, or 401, 429, 606."""
        venue = self.venue
        now_s = time.monotonic()
        since_s, venue.last_handshake_s = now_s - venue.last_handshake_s, now_s
        if venue.faults.strikes("refuse_429"):
            return RATE_LIMIT
        if venue.faults.strikes("refuse_401") or not venue.accepts(token):
            return TOKEN_INVALID
        gap_s = (
            venue.pacing.free_reconnect_s if venue.plan.name == "Free" else venue.pacing.cross_connection_s
        )
        if venue.readings.reconnect_gap == "on" and since_s < gap_s - ARRIVAL_JITTER_S:
            return RATE_LIMIT
        if not venue.has_room_for(group):
            return RATE_LIMIT if venue.readings.too_many_connections == "429" else TOO_MANY_CLOSING
        return OK

    def _close_soon(self, connection: Connection) -> None:
        connection.tally.is_open = False
        task = asyncio.create_task(connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _run(self) -> None:
        """Send what is due to everyone, for ever, and part with those whose heart stopped."""
        while True:
            elapsed_ns = self.venue.elapsed_ns
            more = False
            for connection in list(self._connections):
                more |= connection.pump(elapsed_ns)
                if "stall" in self.venue.faults.switches:
                    connection.last_heartbeat_s = time.monotonic()  # a stalled server cuts nobody
                silent_s = time.monotonic() - connection.last_heartbeat_s
                if silent_s > self.venue.pacing.heartbeat_cut_s and connection.tally.is_open:
                    self._close_soon(connection)
            if elapsed_ns is not None:
                self._tell_jump(elapsed_ns)
            if not self._has_told_end and self._connections and self.has_ended:
                self._has_told_end = True
                self._say({"market_ended": True})
            await asyncio.sleep(0 if more else self.venue.pacing.pump_s)
