"""harness: runs one case of an integration test in a directory and process of its own.

    NAME.py BUILD --list         names of the cases
    NAME.py BUILD CASE           runs one; exit code 77 is a skip, with its reason

A case is a function test_NAME(home). Asserts print both values.
"""
import inspect
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

SKIP = 77
SECONDS = 100  # of one command; ctest ends the case a little later


class Skip(Exception):
    """This machine cannot run the case; the reason is the message."""


class Result:
    def __init__(self, code, out, err):
        self.code, self.raw, self.out, self.err = code, out, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out[:3000]}\n--- err\n{self.err[:3000]}"


class Home:
    """A case's surroundings: self.path is its empty directory."""

    def __init__(self, build, path):
        self.path, self.build = Path(path), Path(build)
        self.root = Path(__file__).resolve().parents[2]
        self.real = self.build / "bin" / "yogi"
        self.trial = self.build / "trial" / "yogi"  # beside a worker that obeys its document

    def environment(self, extra=None):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("YOGI_")}
        quiet = {"LSAN_OPTIONS": f"suppressions={self.root}/tests/lsan.supp:print_suppressions=0"}
        if "YOGI_COVERAGE:BOOL=ON" in (self.build / "CMakeCache.txt").read_text():
            quiet["YOGI_SANDBOX"] = "off"  # a worker writes its figures into files when it ends
        return {**kept, **quiet, "LC_ALL": "C.UTF-8", **(extra or {})}

    def run(self, program, *arguments, stdin=b"", env=None, before=None, cwd=None, seconds=SECONDS):
        done = subprocess.run([str(program), *map(str, arguments)], input=stdin, capture_output=True, timeout=seconds,
                              cwd=cwd or self.path, env=self.environment(env), preexec_fn=before)
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, program, *arguments, env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, before=None):
        return subprocess.Popen([str(program), *map(str, arguments)], stdin=stdin, stdout=stdout,
                                stderr=subprocess.PIPE, cwd=self.path, env=self.environment(env), preexec_fn=before)

    def file(self, name, content):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def names(self, folder="."):
        return sorted(p.name for p in (self.path / folder).iterdir())


def equal(got, want, about=""):
    assert got == want, f"{about}\n got: {got!r}\nwant: {want!r}"


def contains(text, part, about=""):
    assert part in text, f"{about}\n {part!r} is not in:\n{text[:3000]}"


def children(pid):
    """Processes whose parent is pid: {their pid: their command line}."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            if int(stat.rsplit(")", 1)[1].split()[1]) == pid:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, what, process=None, seconds=30):
    """Waits until condition() gives something true, and gives it back; looks again whenever the scheduler comes round."""
    import time
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert process is None or process.poll() is None, f"ended with {process.returncode} before {what}: {process.stderr.read()}"
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        os.sched_yield()


def main(module):
    build, case = sys.argv[1:3]
    cases = {n[5:]: f for n, f in inspect.getmembers(module, inspect.isfunction) if n.startswith("test_")}
    if case == "--list":
        print("\n".join(sorted(cases)))
        return
    path = tempfile.mkdtemp(prefix=f"yogi-{case}-")
    try:
        cases[case](Home(build, path))
    except Skip as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIP)
    except BaseException:
        traceback.print_exc()
        sys.exit(1)
    finally:
        subprocess.run(["chmod", "-R", "u+rwx", path], check=False)
        shutil.rmtree(path, ignore_errors=True)
