#!/usr/bin/python3
"""chaos: brokers, hosts, workers and owners as real processes under load, on several machines (net.py), while they are killed,
frozen, drained and cut off by a plan of a seed; then everybody is well again, all jobs come to their end, and what was accepted is
held against what was recorded: lost 0, duplicated 0, stuck 0.

    chaos.py BUILD [SEED] [--kills N] [--gap SECONDS] [--keep]

Without a seed it takes one, and says it. Exit code 1 when the account is not clean or a process ended that should not have;
then its directory stays.
"""
import argparse
import heapq
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import net
from audit import audit
from parts import Town
from plan import deal

QUIET_S = 240      # until all jobs have ended, once everybody is well: the longest waits of the protocol are 30 s and less
LEFT_OVER_S = 180  # until brokers have forgotten owners that do not come back: 120 s
END_S = 60         # for a process that is told to end
LOOK_S = 0.1       # how often processes are looked at
SHORT_KILLS = 40   # below that a run is a short one: nothing lasts longer than SHORT_SPAN, and what is left over is not waited for
SHORT_SPAN = 4

BROKERS, HOSTS, OWNERS = 3, 3, 3
STEADY = ("broker0", "host0", "owner0")  # never killed: their memory has the whole storm in it, and a death would heal what is stuck
PREFIX = "yogi-chaos-"
STAGES = "one two three four classification ocr llm validation"
DOCUMENTS = "tests/fixtures/layouts"


def kinds(root):
    """What clients hand in, in turn."""
    long = "one,two,three,four"
    document = f"classification,ocr,llm,validation:file://{root}/{DOCUMENTS}"
    some = [f"{long}:", f"{long}:parts 20", "two,four:slow 30", f"{long}:", "one,three,four:slow 5", f"{long}:", "three:slow 80", f"{long}:"]
    return [*some, *some, "two,three:fail damaged", *some, f"{document}/asc-like-1.pdf", *some, *some, "three,four:crash", *some,
            f"{document}/break-bars-3.xlsx", *some, "four:exit", *some]


NOBODY = "nobody"


class Failed(Exception):
    """The run is over; the reason is the message."""


class Chaos:
    def __init__(self, town, rate, most):
        self.town, self.counts, self.agenda, self.serial = town, Counter(), [], 0
        for i in range(BROKERS):
            town.broker(f"broker{i}", town.net.machine(f"b{i}"), YOGI_BROKER_STAGES=STAGES, YOGI_DRAIN_SECONDS="2")
        machines = [town.net.machine(f"h{i}") for i in range(HOSTS)]
        served = [["one", "two", "three", "four"], ["one", "two", "three"], ["two", "three", "four"]]
        quick = {"YOGI_JOB_SECONDS": "4", "YOGI_DRAIN_SECONDS": "2", "YOGI_WORKERS": "1"}
        for i, machine in enumerate(machines):
            town.host(f"host{i}", machine, *served[i % len(served)], program="noops/yogi-actor", **quick)
        for i in range(2):
            town.host(f"reader{i}", machines[i + 1], "classification", "ocr", "llm", "validation", YOGI_JOB_SECONDS="20",
                      YOGI_DRAIN_SECONDS="2", YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(town.root / DOCUMENTS))
        for i in range(OWNERS):
            town.owner(f"owner{i}", town.net.machine(f"o{(i + 1) // 2}"), rate, most, *kinds(town.root))

    # ---- time ----

    def later(self, seconds, deed, *arguments):
        self.serial += 1
        heapq.heappush(self.agenda, (time.monotonic() + seconds, self.serial, deed, arguments))

    def step(self):
        """Does what is due, and looks at the processes."""
        now = time.monotonic()
        while self.agenda and self.agenda[0][0] <= now:
            _, _, deed, arguments = heapq.heappop(self.agenda)
            deed(*arguments)
        faults = self.town.look()
        if faults:
            raise Failed("\n".join(faults))
        due = self.agenda[0][0] - time.monotonic() if self.agenda else LOOK_S
        time.sleep(min(max(due, 0), LOOK_S))

    def until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            self.step()
            if time.monotonic() > end:
                raise Failed(f"waited {seconds} s in vain for {what}")

    # ---- what befalls them ----

    def pick(self, event, victims):
        return victims[int(event.chance * len(victims))] if victims else None

    def befall(self, event):
        verb, noun = event.what.split()[0], event.what.split(" ", 1)[1]
        victim = getattr(self, "on_" + verb)(event, noun)
        if victim is None:
            self.later(0.2, self.befall, event)  # nobody is there whom it could befall: a little later
            return
        self.counts[event.what] += victim is not NOBODY

    def back(self, part):
        if part.state == "down":
            part.start()

    def on_kill(self, event, noun):
        if noun == "worker":
            return self.signal_worker(event, signal.SIGKILL)
        if noun == "machine":
            spared = {self.town.parts[name].machine.name for name in STEADY}
            machine = self.pick(event, sorted({part.machine.name for part in self.up()} - spared))
            victims = [part for part in self.up() if part.machine.name == machine]
        else:
            victims = [self.pick(event, self.mortal(noun))]
        if noun == "machine" and victims and self.town.net.real and not victims[0].machine.ill:
            victims[0].machine.down()  # as without power: nobody hears that the connections are closed
            self.later(event.span, victims[0].machine.heal)
        for victim in filter(None, victims):
            victim.kill(everybody=noun == "machine")
            self.later(event.span, self.back, victim)
        return victims[0] if victims else None

    def on_freeze(self, event, noun):
        if noun == "worker":
            victim = self.signal_worker(event, signal.SIGSTOP)
            if victim:  # its host kills it when it has been silent for too long, or it thaws
                self.later(event.span, self.send, victim, signal.SIGCONT)
            return victim
        victim = self.pick(event, self.up(noun.split()[0]))
        if victim:
            victim.freeze(everybody="workers" in noun)
            self.later(event.span, victim.thaw)
        return victim

    def signal_worker(self, event, number):
        victim = self.pick(event, [pid for host in self.up("host") for pid in host.workers()])
        return victim if victim and self.send(victim, number) else None

    def send(self, pid, number):
        try:
            os.kill(pid, number)
            return True
        except ProcessLookupError:
            return False  # it has just ended

    def on_take(self, event, _):
        victim = self.pick(event, [owner for owner in self.mortal("owner") if not owner.old])
        if victim:
            victim.take_over()
            self.later(event.span, victim.thaw_old)
        return victim

    def on_cut(self, event, noun):
        if not self.town.net.real or (noun != "down" and not self.town.net.filters):
            return NOBODY  # there are no links; said at the begin
        machine = self.pick(event, [m for m in self.town.net.machines.values() if not m.ill and m.name != "probe"])
        if machine:
            machine.lossy(0.05 + event.chance / 4) if noun == "lossy" else getattr(machine, noun)()
            self.later(event.span, machine.heal)
        return machine

    def on_end(self, event, noun):
        victim = self.pick(event, self.mortal(noun))
        if victim:
            victim.end(hasty=True)
            self.later(event.span, self.again, victim)
        return victim

    def again(self, part):
        """Starts it once it has ended."""
        if part.state == "ending":
            self.later(0.1, self.again, part)
        else:
            self.back(part)

    def up(self, kind=None):
        return [part for part in self.town.parts.values() if part.state == "up" and kind in (None, part.kind)]

    def mortal(self, kind):
        return [part for part in self.up(kind) if part.name not in STEADY]

    # ---- a run ----

    def begin(self):
        for part in self.town.parts.values():
            part.start()
        self.until(lambda: all(self.accepted(owner) > 5 for owner in self.town.of("owner")), 60, "the first jobs")

    def accepted(self, owner):
        return owner.out.read_bytes().count(b"\n") if owner.out.exists() else 0

    def storm(self, events):
        begin = time.monotonic()
        for event in events:
            self.later(begin + event.at - time.monotonic(), self.befall, event)
        while self.agenda:
            self.step()

    def heal(self):
        """All undoing is done by the end of the storm; what was told to end comes back."""
        self.until(lambda: all(part.state == "up" for part in self.town.parts.values()), END_S, "everybody's return")
        for machine in self.town.net.machines.values():
            machine.heal()
        for owner in self.town.of("owner"):
            owner.thaw_old()
        self.until(lambda: not any(owner.old for owner in self.town.of("owner")), END_S, "the end of owners that were taken over")

    def settle(self):
        """No new jobs; the owners end when all theirs have ended."""
        for owner in self.town.of("owner"):
            owner.end()
        self.until(lambda: all(owner.state == "down" for owner in self.town.of("owner")), QUIET_S, "the end of all jobs")

    def stats(self):
        """The figures of the brokers that answer."""
        got = subprocess.run([self.town.build / "bin/yogi", "stats", "--json"], capture_output=True, timeout=60, check=False,
                             env=self.town.environment({}), stdin=subprocess.DEVNULL)
        return [json.loads(line)["figures"] for line in got.stdout.decode().splitlines()]

    def forget(self):
        """What owners of earlier lives left at brokers goes."""
        def empty():
            figures = self.stats()
            return len(figures) == BROKERS and not any(f["jobs"] or f.get("recordBytes") for f in figures)
        self.until(empty, LEFT_OVER_S, "brokers without jobs")

    def close(self):
        for kind in ("host", "broker"):
            for part in self.town.of(kind):
                part.end()
            self.until(lambda: all(part.state == "down" for part in self.town.of(kind)), END_S, f"the end of the {kind}s")
        said = [f"{part.name} said:\n{part.said()}" for part in self.town.parts.values() if part.said()]
        if said:
            raise Failed("\n".join(said))


def parse():
    parser = argparse.ArgumentParser(description="kills, freezes and link cuts under load, then an audit")
    parser.add_argument("build")
    parser.add_argument("seed", nargs="?", type=int)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--gap", type=float, default=0.5, help="seconds between two events, on average")
    parser.add_argument("--rate", type=float, default=60, help="jobs that each owner accepts in a second")
    parser.add_argument("--most", type=int, default=150, help="jobs of an owner that are not ended, at most")
    parser.add_argument("--keep", action="store_true", help="keep the directory")
    return parser.parse_args()


def explain(chaos, account):
    print(account)
    for fault in account.faults()[:20]:
        print("  " + fault)
    for figures in chaos.stats():
        print(json.dumps(figures))


def run(options, town):
    seed = random.randrange(1, 1 << 31) if options.seed is None else options.seed
    short = options.kills < SHORT_KILLS
    events = deal(seed, options.kills, options.gap, SHORT_SPAN if short else 3600)
    print(f"seed {seed}: {len(events)} events in {events[-1].at:.0f} s; {town.path}")
    if town.net.reason:
        print(f"links are not cut: {town.net.reason}" if not town.net.real else f"packets are not dropped: {town.net.reason}")
    sys.stdout.flush()
    chaos, marks = Chaos(town, options.rate, options.most), [time.monotonic()]
    try:
        for part in (chaos.begin, lambda: chaos.storm(events), chaos.heal, chaos.settle):
            part()
            marks.append(time.monotonic())
        figures = chaos.stats()
        if not short:
            chaos.forget()
        chaos.close()
        marks.append(time.monotonic())
    except Failed as why:
        print(f"FAILED with seed {seed}: {why}")
        explain(chaos, audit(town.of("owner")))
        return 1
    account = audit(town.of("owner"))
    print(", ".join(f"{what} {count}" for what, count in sorted(chaos.counts.items()) if count))
    print("seconds: " + ", ".join(f"{what} {b - a:.1f}" for what, a, b in zip(("begin", "storm", "heal", "settle", "end"), marks, marks[1:])))
    print("brokers since their last start: " + ", ".join(
        f"{name} {sum(f[name] for f in figures)}" for name in ("accepted", "finished", "stale", "refused", "bad")))
    print(account)
    for fault in account.faults():
        print(f"FAILED with seed {seed}: {fault}")
    return 1 if account.faults() else 0


def sweep():
    """Directories of runs that were killed go; those of runs that failed, or were to be kept, say so and stay."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = path.name[len(PREFIX):].split("-")[0]
        if not Path("/proc", pid).exists() and not (path / "kept").exists():
            shutil.rmtree(path, ignore_errors=True)


def main():
    options = parse()
    if not net.inside():
        sweep()
    net.enter()
    path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{net.outer_pid()}-"))
    town = Town(options.build, path, net.Net())
    code = 1
    try:
        code = run(options, town)
    finally:
        town.close()
        if code == 0 and not options.keep:
            shutil.rmtree(path, ignore_errors=True)
        else:
            (path / "kept").touch()
    sys.exit(code)


if __name__ == "__main__":
    main()
