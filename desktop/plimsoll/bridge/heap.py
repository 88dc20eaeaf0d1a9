"""Gives memory back to the system that only the start needed."""

import ctypes
import sys

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # M_MMAP_THRESHOLD and M_ARENA_MAX of malloc.h
_HEAPS = 2
"""A heap a thread would leave holes in each; under the interpreter's lock threads hardly ever meet in one."""
_OWN_PAGES_FROM_BYTES = 4 << 20
"""Larger blocks get pages of their own and return them when freed.

glibc raises this by itself to 32 MB with the first large block that is freed; passes over years of returns
then leave holes of that size in every thread's heap. Columns of 10 000 positions stay far below it.
"""


def settle() -> None:
    """Return what is free, and have large blocks return by themselves; without glibc do nothing.

    To be called before the threads start, and again when what the start needed has been freed.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim"):  # musl has neither
        libc.mallopt(_ARENA_MAX, _HEAPS)
        libc.mallopt(_MMAP_THRESHOLD, _OWN_PAGES_FROM_BYTES)
        libc.malloc_trim(0)
