"""How wide each column of a printed table is: figures as wide as they are, words share what is left."""

from collections.abc import Sequence


def column_widths(
    natural: Sequence[float], least: Sequence[float], weights: Sequence[float], room: float
) -> list[float]:
    """Return a width for each column, `room` in all.

    Each begins at its least width, that of its longest word or of a figure that must not wrap, and grows by
    weight until it holds all its words in one line; what nobody needs is spread over all.
    """
    left = room - sum(least)
    if left < 0.0:  # more figures than paper: all shrink alike
        return [room * wide / sum(least) for wide in least]
    widths = list(least)
    growing = [place for place, wide in enumerate(natural) if wide > least[place]]
    while growing:
        each = left / sum(weights[place] for place in growing)
        full = [place for place in growing if natural[place] - widths[place] <= each * weights[place]]
        for place in full or growing:
            grown = natural[place] if full else widths[place] + each * weights[place]
            left -= grown - widths[place]
            widths[place] = grown
        growing = [place for place in growing if place not in full] if full else []
    spare = max(left, 0.0) / max(len(widths), 1)
    return [wide + spare for wide in widths]
