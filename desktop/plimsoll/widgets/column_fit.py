"""How wide each column of a printed table is: figures as wide as they are, words share what is left."""

from collections.abc import Sequence


def column_widths(
    natural: Sequence[float], weights: Sequence[float], may_wrap: Sequence[bool], room: float
) -> list[float]:
    """Return a width for each column, `room` in all.

    A column that may not wrap keeps its natural width, and so does one that may but needs less than its share
    of what is left; the rest is shared by weight. What nobody needs is spread over all.
    """
    widths = [0.0 if wraps else wide for wide, wraps in zip(natural, may_wrap, strict=True)]
    left = room - sum(widths)
    if left < 0.0:  # more figures than paper: all shrink alike
        return [room * wide / sum(natural) for wide in natural]
    open_places = [place for place, wraps in enumerate(may_wrap) if wraps]
    while open_places:
        total = sum(weights[place] for place in open_places)
        content = [p for p in open_places if natural[p] <= left * weights[p] / total]
        if not content:
            for place in open_places:
                widths[place] = left * weights[place] / total
            return widths
        for place in content:
            widths[place] = natural[place]
            left -= natural[place]
        open_places = [place for place in open_places if place not in content]
    spare = left / max(len(widths), 1)
    return [wide + spare for wide in widths]
