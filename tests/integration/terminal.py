#!/usr/bin/python3
"""What `yogi submit` and `yogi stats` show on a terminal, through tests/integration/screen.py: documents with the stages
that they pass, a table that is filled anew; and that nothing of it is left behind or goes into a pipe."""
import json
import re
import signal
import sys

from harness import contains, equal, main, wait_for
from screen import Screen, Terminal
from system import all_completed, system
from up import surroundings, trial, up

ROWS = 8  # documents that submit shows at once
STAGES = ("classification", "ocr", "llm", "validation")


def documents(home, count):
    """Slow ones, of which the third is damaged."""
    names = [home.file(f"doc-{i}", f"ocr slow 150\nllm slow 100\nweek {i}") for i in range(count)]
    home.file(names[2], "ocr slow 150\nocr fail damaged it is broken")
    return names


def shown_documents(text):
    return [line for line in text.split("\n") if re.match(r"doc-\d+ +(\[[█·]{24}\])? ?(%s)" % "|".join(STAGES), line)]


def test_submit_shows_stages(home):
    """Lines for those under way, never more than there is room for; results scroll away above them, and in the end
    nothing else is there."""
    yogi, env = trial(home), surroundings(home)
    names = documents(home, 12)
    with up(home, program=yogi) as it:
        it.ready()
        quiet = home.run(yogi, "submit", *names, "--format", "json", env=env)
        equal((quiet.code, quiet.err), (4, "yogi: doc-2: it is broken\n"))
        for rows, most in ((30, ROWS), (7, 4)):
            seen, counts = set(), set()

            def look(text):
                documents_now = shown_documents(text)
                assert len(documents_now) <= most, text
                seen.update(re.findall(r" (%s)\b" % "|".join(STAGES), text))
                counts.update(map(int, re.findall(r"^(\d+) of 12 done", text, re.M)))

            # so wide that no result wraps: what is compared are lines
            with Terminal(home, yogi, "submit", *names, "--format", "json", columns=3000, rows=rows, env=env) as terminal:
                equal(terminal.finish(look), 4)
                lines = quiet.out.splitlines()
                equal(terminal.screen.all().split("\n"), lines[:2] + ["yogi: doc-2: it is broken"] + lines[2:])
                equal(terminal.screen.column, 0)
            assert {"ocr", "llm"} <= seen, seen
            assert len(counts) > 3, counts


def test_submit_into_a_pipe(home):
    """Results in a pipe and the terminal for people: only what went wrong stays there. A dumb terminal gets nothing else
    at all."""
    yogi, env = trial(home), surroundings(home)
    names = documents(home, 3)
    wide = home.file("時間割" * 20 + "-with a very long name.png", "ocr slow 700\nweek")
    with up(home, program=yogi) as it:
        it.ready()
        for columns in (40, 80, 200):
            lines = []
            with Terminal(home, yogi, "submit", *names, wide, columns=columns, env=env, streams=("stderr",)) as terminal:
                equal(terminal.finish(lambda text: lines.extend(text.split("\n"))), 4)
                equal(len(terminal.piped.splitlines()), 3)
                equal(terminal.screen.all(), "yogi: doc-2: it is broken")
                assert not terminal.screen.wrapped
            line = next(line for line in lines if line.startswith("時間割") and "ocr" in line)
            equal("[" in line, columns >= 80, line)
            contains(line, "…")
        with Terminal(home, yogi, "submit", *names, env=env, streams=("stderr",), term="dumb") as terminal:
            equal(terminal.finish(), 4)
            equal(terminal.raw, "yogi: doc-2: it is broken\r\n")


def test_submit_waits_for_a_broker(home):
    """When the broker goes people are told, and when one comes the work goes on; Ctrl-C calls off the rest."""
    yogi, env = trial(home), surroundings(home)
    name = home.file("doc-0", "ocr slow 3000\nweek")
    with up(home, program=yogi) as it:
        it.ready()
        with Terminal(home, yogi, "submit", name, "--format", "json", columns=3000, env=env) as terminal:
            terminal.until(lambda text: " ocr" in text, "the stage")
            it.process.kill()
            it.process.wait()
            terminal.until(lambda text: "no broker is heard; the work goes on when one is" in text, "a word")
            with up(home, program=yogi) as other:
                other.ready()
                equal(terminal.finish(), 0)
            equal(json.loads(terminal.screen.all())["timetables"][0]["timeblocks"][0]["name"], "week")
    with up(home, program=yogi) as it:
        it.ready()
        with Terminal(home, yogi, "submit", name, env=env) as terminal:
            terminal.until(lambda text: " ocr" in text, "the stage")
            terminal.press(b"\x03")
            equal(terminal.finish(), 130)
            equal(terminal.screen.all(), "yogi: doc-0: cancelled by its owner")


def cells(text, stage="noop"):
    """The numbers in a stage's row by the titles of the table, which may have a blank in them."""
    lines = text.split("\n")
    heads = next((line for line in lines if line.startswith("stage")), None)
    row = next((line for line in lines if line.startswith(stage)), None)
    if not heads or not row:
        return {}
    return dict(zip(heads.replace("oldest s", "oldest").split()[1:], row.split()[1:]))


def test_stats_stay(home):
    """On a terminal the table is filled anew until q, Ctrl-C or SIGTERM; then the terminal is as it was."""
    with system(home) as it:
        it.broker()
        it.host()
        env = it.environment(None)
        for way, number in ((b"q", 0), (b"\x03", 0), (None, signal.SIGTERM)):
            with Terminal(home, home.real, "stats", env=env) as terminal:
                terminal.until(lambda text: cells(text).get("actors") == "1", "the table")
                assert terminal.screen.other and not terminal.screen.cursor
                before = int(cells(terminal.screen.text())["done"])
                all_completed(it.throng(25))
                rates = set()
                terminal.until(lambda text: rates.add(cells(text).get("done/s")) or int(cells(text)["done"]) == before + 25,
                               "what was done meanwhile")
                assert any(float(rate) > 0 for rate in rates if rate), rates
                contains(terminal.screen.text(), "1 of 1 brokers answer")
                terminal.press(b"x")  # no key of ours
                if way:
                    terminal.press(way)
                else:
                    terminal.process.send_signal(number)
                equal(terminal.finish(), 0)
                equal(terminal.screen.all(), "")


def test_stats_stop_and_grow(home):
    """Ctrl-Z gives the terminal back and fg takes it again; another size of the window shows other columns; a broker that
    goes is no longer counted."""
    with system(home) as it:
        broker = it.broker()
        it.host()
        with Terminal(home, home.real, "stats", env=it.environment(None)) as terminal:
            terminal.until(lambda text: "slots" in cells(text), "the table")
            terminal.press(b"\x1a")
            stopped = f"/proc/{terminal.process.pid}/stat"
            wait_for(lambda: terminal.read(0.01) or open(stopped, encoding="utf-8").read().rsplit(")", 1)[1].split()[0] == "T", "its stop")
            terminal.until(lambda text: terminal.screen.other is None, "the terminal back")
            assert terminal.screen.cursor
            terminal.process.send_signal(signal.SIGCONT)
            terminal.until(lambda text: terminal.screen.other is not None and "slots" in cells(text), "the table again")
            terminal.resize(60, 30)
            terminal.until(lambda text: "waiting" in cells(text) and "slots" not in cells(text), "fewer columns")
            broker.kill()
            broker.wait()
            terminal.until(lambda text: "0 of 1 brokers answer" in text, "the loss of the broker")
            terminal.press(b"q")
            equal(terminal.finish(), 0)


def test_stats_once(home):
    """Once, where that is asked for or nobody can look twice."""
    with system(home) as it:
        it.broker()
        it.host()
        env = it.environment(None)
        piped = home.run(home.real, "stats", env={**env, "TERM": "xterm"})
        equal(piped.code, 0, piped)
        for arguments, term in ((["--once"], "xterm"), ([], "dumb")):
            with Terminal(home, home.real, "stats", *arguments, env=env, columns=200, term=term) as terminal:
                equal(terminal.finish(), 0)
                assert "\x1b" not in terminal.raw, terminal.raw
                equal(cells(terminal.screen.text()).keys(), cells(piped.out).keys())
        with Terminal(home, home.real, "stats", "--json", env=env, columns=10000) as terminal:
            equal(terminal.finish(), 0)
            equal(json.loads(terminal.screen.text())["broker"], it.endpoint)
    with Terminal(home, home.real, "stats", "--wait", "1", env=env) as terminal:
        equal(terminal.finish(), 1)
        contains(terminal.screen.all(), "yogi: no broker has answered at ")


def test_screen_itself(home):
    """The terminal of these tests: a line that is too long wraps, and what it does not know is an error."""
    screen = Screen(5, 2)
    screen.feed("abcdefg\r\nh\x1b[")
    screen.feed("A\rX\x1b[K")
    equal((screen.all(), screen.wrapped), ("abcde\nX\nh", True))
    screen.feed("\x1b[J")
    equal(screen.all(), "abcde\nX")
    for unknown in ("\x1b[2J", "\x07"):
        try:
            Screen(5, 2).feed(unknown)
        except AssertionError:
            continue
        raise AssertionError(f"{unknown!r} is understood")


if __name__ == "__main__":
    main(sys.modules[__name__])
