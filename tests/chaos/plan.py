"""plan: what befalls the parts of a run, and when: dealt from a seed, so that the same seed is the same plan. (What comes of
it is the system's: two runs of one plan are not the same.)

The events come in hands: each one has all kinds of events, shuffled, so that even a short run meets every kind."""
import random
from dataclasses import dataclass

# how often each comes in a hand
HAND = {
    "kill worker": 4, "kill host": 4, "kill broker": 3, "kill owner": 3, "kill machine": 1,
    "freeze worker": 1, "freeze host": 1, "freeze host and workers": 1, "freeze broker": 1, "freeze owner": 1, "take over owner": 1,
    "cut down": 2, "cut deaf": 1, "cut mute": 1, "cut lossy": 1,
    "end host": 1, "end broker": 1,
}
# how long it stays so, seconds: mostly from, to; sometimes longer
SPANS = {"kill": (0.0, 1.5, 10.0), "freeze": (0.3, 3.0, 12.0), "take": (1.0, 2.0, 4.0), "cut": (0.3, 3.0, 40.0), "end": (0.0, 0.5, 1.0)}
LONGER = 0.15


@dataclass(frozen=True)
class Event:
    at: float      # seconds from the begin
    what: str      # a key of HAND
    chance: float  # which one it befalls, 0 to 1
    span: float    # seconds until it is over

    @property
    def verb(self):
        return self.what.split()[0]


def deal(seed, kills, gap, longest):
    """Events until there are so many kills, with so many seconds between two of them on average; none lasts longer than that."""
    chance, events, at = random.Random(seed), [], 0.0
    while kills > 0:
        hand = [what for what, times in HAND.items() for _ in range(times)]
        chance.shuffle(hand)
        for what in hand:
            at += chance.uniform(0.2, 1.8) * gap
            low, high, highest = SPANS[what.split()[0]]
            span = chance.uniform(high, highest) if chance.random() < LONGER else chance.uniform(low, high)
            events.append(Event(at, what, chance.random(), min(span, longest)))
            kills -= what.startswith("kill")
            if kills == 0:
                break
    return events
