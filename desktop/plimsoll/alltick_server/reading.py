"""Which reading of an uncertain point of the protocol the server follows (section 7's table)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Readings:
    """One field per row of the table that has a choice; each default is the table's first reading.

    Rows 9, 14, 15, 27, 28 and 29 leave a server nothing to choose: an empty body is 601, bar ends may be
    s or ms, bars are cut at 500, the classic REST is spoken, cancel type 3 is accepted without effect.
    """

    numbers: Literal["ints", "strings"] = "ints"  # 1: WS seq and tick_time
    time_unit: Literal["ms", "s"] = "ms"  # 2
    direction: Literal["int", "string"] = "int"  # 3
    fx_direction: Literal["1", "0"] = "1"  # 4
    omitted_depth: Literal["one", "all"] = "one"  # 5
    fx_volume: Literal["0", "given", "empty", "missing"] = "0"  # 6
    max_codes: int | None = None  # 7: None is the plan's own number
    allowed_codes: frozenset[str] | None = None  # 7: codes outside answer 604; None allows all
    bad_request: Literal["400", "201"] = "400"  # 8
    too_many_codes: Literal["cut", "603"] = "cut"  # 10
    bad_code: Literal["whole", "skip"] = "whole"  # 11
    snapshot: Literal["no", "yes"] = "no"  # 12
    bar_order: Literal["ascending", "shuffled"] = "ascending"  # 13
    connections: Literal["pair", "each"] = "pair"  # 16
    too_many_connections: Literal["429", "606"] = "429"  # 17
    heartbeat_counts: Literal["no", "yes"] = "no"  # 18
    too_fast: Literal["606", "605", "silent"] = "606"  # 19
    at_bad_handshake: Literal["401", "frame"] = "401"  # 20
    names: Literal["list", "aliases"] = "list"  # 21
    fx_books: Literal["pushes", "silent"] = "pushes"  # 22
    empty_side: Literal["zero-filled", "empty"] = "zero-filled"  # 23
    empty_list: Literal["clears", "error"] = "clears"  # 24
    reconnect_gap: Literal["off", "on"] = "off"  # 25
    close_code: int = 1000  # 26
    rest_limit_ret: Literal["429", "605"] = "429"  # 3.6 names both for HTTP
    forming_bar: Literal["yes", "no"] = "yes"  # whether the newest bar may still be growing
