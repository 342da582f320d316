"""How long the properties are tried: quick by default, HEADRACE_PROPERTY=deep for more."""

import os

from hypothesis import settings

_DEEP = os.environ.get("HEADRACE_PROPERTY", "") == "deep"

STEPS = settings(max_examples=1500 if _DEEP else 60, stateful_step_count=80 if _DEEP else 40)
"""For state machines: so many runs, so many commands each."""

EXAMPLES = settings(max_examples=3000 if _DEEP else 100)
"""For plain properties."""

FEW_EXAMPLES = settings(max_examples=500 if _DEEP else 20)
"""For properties whose every example is a long story."""

STORIES = 400 if _DEEP else 25
"""For long stories drawn at random: so many seeds."""
