"""Places things on a line: each as near as may be to where it wants to stand, none closer than its gap."""

from collections.abc import Sequence


def spaced(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Positions in the given order with the least squared distance from those wanted.

    `gaps[i]` is the least distance between places i and i + 1. Pools neighbours that would come too close.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, size = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, other_size = pools.pop()
            mean = (mean * size + other * other_size) / (size + other_size)
            size += other_size
        pools.append((mean, size))
    bases = [mean for mean, size in pools for _ in range(size)]
    return [base + offset for base, offset in zip(bases, offsets, strict=True)]
