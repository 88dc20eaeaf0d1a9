"""A price that was held back because nothing confirmed it yet, and what became of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeldPrint:
    """A tick that jumped too far to be believed at once.

    Attributes
    ----------
    instrument : int
        Its number in the universe.
    code : str
        The instrument.
    is_quote : bool
        Whether it was a quote, or else a trade.
    price, before : float
        What it said, and the last price that was believed.
    exchange_time_ns, received_time_ns : int
        Both clocks.
    """

    instrument: int
    code: str
    is_quote: bool
    price: float
    before: float
    exchange_time_ns: int
    received_time_ns: int

    @property
    def jump_fraction(self) -> float:
        """Its move over the size of the price before it; signed."""
        return (self.price - self.before) / abs(self.before) if self.before else float("nan")

    @property
    def words(self) -> str:
        """What is shown of it."""
        kind = "quote" if self.is_quote else "trade"
        jump = f"{self.jump_fraction:+.1%}".replace("-", "−")
        return f"{self.code}: {kind} at {self.price:.10g} after {self.before:.10g} ({jump})"


@dataclass(frozen=True, slots=True)
class DiscardedPrint:
    """A held print that the ticks after it contradicted; it never reached the book.

    Attributes
    ----------
    held : HeldPrint
        The print.
    instead : float
        The price that was believed instead.
    """

    held: HeldPrint
    instead: float

    @property
    def words(self) -> str:
        """What the notice says of it."""
        return f"{self.held.words} was not confirmed; the next price was {self.instead:.10g}"
