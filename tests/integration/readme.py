#!/usr/bin/python3
"""The commands of the READMEs below deploy/, which tests run as they stand there: a case that runs some of them says which, is
given them, and fails where it has left one of them out; here it is seen to that there is no command that no case runs.

    @runs("systemd/README.md", "One machine")
    def test_boots(home, page):
        page.take("systemctl enable")          the next command of that section, which must begin so

A command is an indented line, or one of a fenced block unless that is called `text`: then it is what one sees. What stands for
something of the reader's (a key, an address) a case puts there by `fill`.
"""
import functools
import importlib
import inspect
import re
import sys
from collections import namedtuple
from pathlib import Path

from harness import equal, main

Command = namedtuple("Command", "readme section text")


class Claim(namedtuple("Claim", "readme sections starts")):
    def covers(self, command):
        return (command.readme == self.readme and (not self.sections or command.section in self.sections) and
                command.text.startswith(self.starts or ""))


def found(readme, text):
    """The commands of a page, in their order; one that goes on in the next line is one."""
    section, fence = "", None
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        heading = re.match(r"#+ (.+)", line)
        if line.startswith("```"):
            fence = line[3:].strip() if fence is None else None
        elif fence is None and heading:
            section = heading[1]
        elif line.strip() and (line.startswith("    ") if fence is None else fence != "text"):
            yield Command(readme, section, line.strip())


def commands(root):
    folder = Path(root) / "deploy"
    for path in sorted(folder.rglob("README.md")):
        if "node_modules" not in path.parts:
            yield from found(str(path.relative_to(folder)), path.read_text())


def fill(text, places):
    """With each of the words replaced; one that does not stand there is no placeholder any more."""
    for word, value in places.items():
        assert word in text, f"{word!r} does not stand in: {text}"
        text = text.replace(word, str(value))
    return text


class Page:
    """Commands that a case is to run."""

    def __init__(self, texts):
        assert texts, "there are no such commands"
        self.left = list(texts)

    def take(self, start="", places=None):
        """The next command, which begins with start; places: what is put where its words stand."""
        assert self.left and self.left[0].startswith(start), f"no command {start!r} comes next: {self.left[:3]}"
        return fill(self.left.pop(0), places or {})

    def take_all(self):
        """Those that are left, one after the other."""
        while self.left:
            yield self.left.pop(0)


def runs(readme, *sections, starts=None):
    """A case that runs the commands of these sections (all of the page), of these those that begin with one of starts."""
    claim = Claim(readme, sections, starts)

    def decorate(case):
        @functools.wraps(case)
        def run(home, *pages):
            page = Page([c.text for c in commands(home.root) if claim.covers(c)])
            case(home, *pages, page)
            equal(page.left, [], f"commands of {readme} that were not run")
        run.claims = [claim, *getattr(case, "claims", [])]
        return run
    return decorate


def claims(folder):
    """Of all cases that are registered: {module.case: [Claim]}."""
    registered = set(re.findall(r"yogi_cases\((\w+)", (folder / "CMakeLists.txt").read_text()))
    made = {}
    for path in sorted(folder.glob("*.py")):
        if "from readme import" in path.read_text():
            assert path.stem in registered, f"{path.name} is no test"
            for name, case in inspect.getmembers(importlib.import_module(path.stem), inspect.isfunction):
                if name.startswith("test_") and hasattr(case, "claims"):
                    made[f"{path.stem}.{name[5:]}"] = case.claims
    return made


def test_each_command_is_run(home):
    cases = claims(Path(__file__).parent)
    every = list(commands(home.root))
    assert len(every) > 60 and len({c.readme for c in every}) >= 5, every
    runners = {c: [case for case, taken in cases.items() for claim in taken if claim.covers(c)] for c in every}
    equal([c for c, taken in runners.items() if not taken], [], "no test runs")
    equal({c: taken for c, taken in runners.items() if len(set(taken)) > 1}, {}, "run by several")
    idle = [claim for taken in cases.values() for claim in taken if not any(claim.covers(c) for c in every)]
    equal(idle, [], "commands that are not there")


def test_commands_are_found(home):
    text = "# A\n\n    one \\\n      two\n\n## B\n\n```sh\nthree\n```\n\n```text\nseen\n    seen\n```\n    four\nno\n"
    equal(list(found("x", text)), [Command("x", "A", "one two"), Command("x", "B", "three"), Command("x", "B", "four")])
    claim = Claim("x", ("B",), ("th", "z"))
    equal([claim.covers(c) for c in found("x", text)], [False, True, False])
    equal(fill("curl KEY", {"KEY": 7}), "curl 7")
    page = Page(["one", "two"])
    equal(page.take("one"), "one")
    for wrong in (lambda: page.take("one"), lambda: fill("a", {"b": "c"}), lambda: Page([])):
        try:
            wrong()
        except AssertionError:
            continue
        raise AssertionError("it took what is not there")


if __name__ == "__main__":
    main(sys.modules[__name__])
