"""The units the program counts in, and the suffix each name carries.

=============  =====================================================
suffix         meaning
=============  =====================================================
``_ns``        nanoseconds; an instant counts from 1970-01-01 UTC
``_s, _ms``    seconds, milliseconds
``_fraction``  a share: 0.01 is one percent
``_bp``        basis points: 1 is 0.0001
``_base``      money in the book's base currency
``_per_year``  an annualised figure
=============  =====================================================
"""

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_DAY = 86_400 * NS_PER_S
