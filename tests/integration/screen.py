"""screen: a terminal for tests. Screen understands what our programs write to one, as xterm does, and nothing else: any
other sequence is an error. Terminal runs a program on it."""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata

SEQUENCE = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])")
SECONDS = 60


def width(character):
    return 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.gone, self.lines, self.row, self.column = [], [[] for _ in range(rows)], 0, 0  # gone: scrolled away
        self.cursor, self.other, self.wrapped, self.rest = True, None, False, ""

    def text(self):
        """What stands there, without blanks at the ends."""
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip("\n")

    def all(self):
        """With what has scrolled away."""
        return "\n".join([*("".join(line).rstrip() for line in self.gone), self.text()]).rstrip("\n")

    def feed(self, text):
        text, self.rest = self.rest + text, ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                found = SEQUENCE.match(text, at)
                if not found:
                    assert len(text) - at < 10, f"what is {text[at:at + 20]!r}?"
                    self.rest = text[at:]
                    return
                self.obey(*found.groups())
                at = found.end()
                continue
            self.write(text[at])
            at += 1

    def write(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.down()
        else:
            assert unicodedata.category(character) != "Cc", repr(character)
            if self.column + width(character) > self.columns:
                self.wrapped = True
                self.column = 0
                self.down()
            line = self.lines[self.row]
            line.extend(" " * (self.column - len(line)))
            line[self.column:self.column + width(character)] = [character] + [""] * (width(character) - 1)
            self.column += width(character)

    def down(self):
        if self.row + 1 < self.rows:
            self.row += 1
            return
        if self.other is None:
            self.gone.append(self.lines[0])
        self.lines = self.lines[1:] + [[]]

    def obey(self, private, number, letter):
        what = private + letter
        if what == "A":
            self.row = max(0, self.row - int(number or 1))
        elif what == "H" and not number:
            self.row = self.column = 0
        elif what in "JK" and not number:
            del self.lines[self.row][self.column:]
            for row in range(self.row + 1, self.rows) if what == "J" else ():
                self.lines[row] = []
        elif (private, number) == ("?", "25") and letter in "hl":
            self.cursor = letter == "h"
        elif (private, number) == ("?", "1049") and letter in "hl":
            assert (letter == "h") == (self.other is None), "the other screen was taken, or left, twice"
            if letter == "h":
                self.other = (self.lines, self.row, self.column)
                self.lines, self.row, self.column = [[] for _ in range(self.rows)], 0, 0
            else:
                self.lines, self.row, self.column = self.other
                self.other = None
        else:
            raise AssertionError(f"what is ESC[{private}{number}{letter}?")


class Terminal:
    """A program on a terminal of its own, which is the controlling one. streams: which of stdout, stderr are on it; the
    other goes into a pipe, whose content is self.piped in the end."""

    def __init__(self, home, *arguments, columns=100, rows=30, env=None, streams=("stdout", "stderr"), term="xterm"):
        self.screen, self.drawn = Screen(columns, rows), ""
        self.end, terminal = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(terminal)
        self.held = terminal  # so that its state can be asked for in the end
        places = {name: terminal if name in streams else subprocess.PIPE for name in ("stdout", "stderr")}
        self.process = subprocess.Popen(list(map(str, arguments)), stdin=terminal, cwd=home.path,
                                        env=home.environment({"TERM": term, **(env or {})}), **places,
                                        preexec_fn=lambda: (os.setsid(), fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)))
        self.decoder, self.piped, self.raw = codecs.getincrementaldecoder("utf-8")(), b"", ""

    def resize(self, columns, rows):
        self.screen.columns, self.screen.rows = columns, rows
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.end, keys)

    def read(self, seconds=0.1):
        """Takes what has come; false when nothing has."""
        pipes = [pipe for pipe in (self.process.stdout, self.process.stderr) if pipe]
        ready = select.select([self.end, *pipes], [], [], seconds)[0]
        got = False
        for pipe in ready:
            block = os.read(self.end if pipe == self.end else pipe.fileno(), 65536)
            got |= bool(block)
            if pipe != self.end:
                self.piped += block
                continue
            text = self.decoder.decode(block)
            self.raw += text
            self.screen.feed(text)
        return got

    def until(self, condition, what):
        """Reads until condition(text of the screen) is true, looking at each state that comes."""
        end = time.monotonic() + SECONDS
        while not condition(self.screen.text()):
            assert time.monotonic() < end, f"waited in vain for {what}:\n{self.screen.text()}"
            assert self.read() or self.process.poll() is None, f"ended before {what}:\n{self.screen.all()}"

    def finish(self, look=lambda text: None):
        """Reads until the program has ended, looking at each state that comes; its exit code. The terminal is as it was."""
        end = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, f"does not end:\n{self.screen.text()}"
            self.read()
            look(self.screen.text())
        while self.read(0):
            pass
        after = termios.tcgetattr(self.held)
        assert after == self.before, "the terminal is not as it was"
        assert self.screen.other is None and self.screen.cursor, "the screen is not as it was"
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        os.close(self.end)
        os.close(self.held)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
