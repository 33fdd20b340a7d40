#!/usr/bin/python3
"""`yogi up`: a broker, a host and a gateway under one supervisor. It is ready and found by itself, starts again what dies, ends in
order or at once, goes with all its children when it is killed, and never runs twice on the same data."""
import ctypes
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import stat
import subprocess
import sys
import termios
import threading
from contextlib import contextmanager

import rgw
from blobs import make_bucket
from blobs import settings as bucket_settings
from gateways import Gateway
from harness import SECONDS, children, contains, equal, is_alive, main, wait_for

PROGRAMS = ("yogi", "yogi-up", "yogi-broker", "yogi-actor", "yogi-gateway", "yogi-submit", "yogi-stats")
DOCUMENTS = [f"tests/fixtures/layouts/{name}" for name in ("asc-like-1.pdf", "break-bars-3.xlsx")]
CTRL_C = b"\x03"
PR_SET_CHILD_SUBREAPER = 36


def surroundings(home, **more):
    """A user's folders, all below the case's own."""
    os.makedirs(home.path / "r", 0o700, exist_ok=True)
    return {"XDG_RUNTIME_DIR": f"{home.path}/r", "XDG_DATA_HOME": f"{home.path}/share", "YOGI_WORKERS": "1", "YOGI_PORT": "0", **more}


def trial(home):
    """All programs beside a worker that obeys its document; the path of yogi among them."""
    folder = home.path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        shutil.copy(home.build / "bin" / name, folder / name)
    shutil.copy(home.build / "trial" / "yogi-worker", folder / "yogi-worker")
    return folder / "yogi"


class Up:
    """A running `yogi up`; what it says on its standard error is gathered in self.err."""

    def __init__(self, home, program, arguments, env, before):
        self.process = home.start(program, "up", *arguments, env=env, before=before)
        self.err, self.out = "", ""
        self.thread = threading.Thread(target=self.gather, daemon=True)
        self.thread.start()

    def gather(self):
        for line in self.process.stderr:
            self.err += line.decode()

    @property
    def pid(self):
        return self.process.pid

    def ready(self):
        """Waits until it says so; its endpoints."""
        line = self.process.stdout.readline().decode()
        assert line.startswith("ready "), (line, self.err, self.process.poll())
        self.out = line
        while "Ctrl-C" not in self.out:
            line = self.process.stdout.readline().decode()
            assert line, (self.out, self.err)
            self.out += line
        return self.out.split("\n", maxsplit=1)[0].split()[1:]

    def child(self, name):
        """The process of a service, or None."""
        return next((pid for pid, line in children(self.pid).items() if line.startswith(name)), None)

    def all(self):
        """Everything below it."""
        below, found = [self.pid], []
        while below:
            more = list(children(below.pop()))
            found += more
            below += more
        return found

    def ended(self, code):
        equal(self.process.wait(SECONDS), code, self.err)
        self.thread.join(SECONDS)
        assert "Sanitizer" not in self.err and "runtime error" not in self.err, self.err
        return self.err


@contextmanager
def up(home, *arguments, program=None, env=None, before=None):
    made = Up(home, program or home.real, arguments, env or surroundings(home), before)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            below = made.all()
            made.process.kill()
            made.process.wait()
            wait_for(lambda: not any(map(is_alive, below)), "the end of everything below")
        made.process.stdout.close()


def on_terminal(terminal):
    """For a process of which it shall be the controlling terminal."""
    return lambda: (os.setsid(), fcntl.ioctl(terminal, termios.TIOCSCTTY, 0))


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


def nobody_is_found(home):
    """On the user's own data, that is: another case may have a system in a folder that all of them share."""
    env = surroundings(home, YOGI_DATA=f"{home.path}/share/yogi")
    contains(home.run(home.real, "config", env=env).out, "YOGI_BROKERS=tcp://127.0.0.1:4010\n")


def test_reads(home):
    """Without any setting it is ready and reads what `yogi read` reads; SIGTERM ends it and it leaves nothing behind."""
    env = surroundings(home)
    files = [home.root / name for name in DOCUMENTS]
    with up(home) as it:
        (endpoint,) = it.ready()
        assert endpoint.startswith(f"ipc://{home.path}/r/yogi/"), endpoint
        contains(it.out, "classification ocr llm validation render")
        contains(it.out, f"{home.path}/share/yogi")
        contains(it.out, "  open http://127.0.0.1:")
        for folder in (home.path / "share" / "yogi", home.path / "r" / "yogi", os.path.dirname(endpoint[len("ipc://"):])):
            equal(mode(folder), "0o700", folder)
        got = home.run(home.real, "submit", *files, env=env)
        equal((got.code, got.err), (0, ""), got)
        read = home.run(home.real, "read", *files)
        for one, other in zip(got.out.splitlines(), read.out.splitlines(), strict=True):
            equal(json.loads(one)["timetables"], json.loads(other)["timetables"])
        got = home.run(home.real, "submit", files[0], "--route", "classification,ocr,llm,validation,render", env=env)
        equal((got.code, got.err), (0, ""), got)
        figures = json.loads(home.run(home.real, "stats", "--json", env=env).out)
        equal(figures["broker"], endpoint)
        equal({s["stage"]: s["done"] for s in figures["figures"]["stages"] if s["actors"]},
              {"classification": 3, "ocr": 3, "llm": 3, "validation": 3, "render": 1, "store": 0})
        contains(home.run(home.real, "config", env=env).out, f"YOGI_BROKERS={endpoint}\n")
        below = it.all()
        it.process.send_signal(signal.SIGTERM)
        err = it.ended(0)
        contains(err, "what is in hand is done first")
        equal([pid for pid in below if is_alive(pid)], [])
        equal(home.names("r/yogi"), [])
    nobody_is_found(home)


def gateway_of(it):
    """A client of its gateway."""
    client = Gateway.__new__(Gateway)
    client.key, client.port = None, int(re.search(r"open http://127\.0\.0\.1:(\d+)", it.out)[1])
    return client


def test_gateway(home):
    """Documents go in by HTTP, are read by its host and are there the next time; also where it reads no other folders."""
    file = home.root / DOCUMENTS[0]
    kept = []
    for more in ({}, {"YOGI_BROKER_LISTEN": "tcp://127.0.0.1:*"}, {"YOGI_SOURCE_ROOTS": str(home.root)}):
        with up(home, env=surroundings(home, **more)) as it:
            it.ready()
            client = gateway_of(it)
            got = client.taken((file.name, file.read_bytes()), query="?wait=60&fresh=1")
            assert got["timetables"][0]["timeblocks"], (got, it.err)
            kept.append(got["documentId"])
            equal([d["id"] for d in client.get("/documents").json], kept[::-1])
            it.process.send_signal(signal.SIGTERM)
            it.ended(0)
    equal(len(home.names("share/yogi/blobs/default")), 1)
    equal(mode(home.path / "share/yogi/app.db"), "0o600")
    equal(mode(home.path / "share/yogi/blobs"), "0o700")


def test_bucket(home):
    """A bucket is named once: its gateway keeps documents there, and its host fetches them from there."""
    with rgw.server(home) as s3:
        make_bucket(s3)
        env = surroundings(home, **bucket_settings(s3))
        file = home.root / DOCUMENTS[0]
        with up(home, env=env) as it:
            it.ready()
            got = gateway_of(it).taken((file.name, file.read_bytes()), query="?wait=60")
            assert got["timetables"][0]["timeblocks"], (got, it.err)
            equal(home.names("share/yogi/blobs") if (home.path / "share/yogi/blobs").exists() else [], [])
            it.process.send_signal(signal.SIGTERM)
            it.ended(0)


def test_gateway_drains(home):
    """Told to end, a call that waits for its timetable is answered, and what was taken in is read the next time."""
    yogi = trial(home)
    with up(home, program=yogi) as it:
        it.ready()
        client = gateway_of(it)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(client.upload(("slow", "ocr slow 60000\nx"), query="?wait=90")))
        thread.start()
        wait_for(lambda: [d["status"] for d in client.get("/documents").json] == ["processing"], "it to be read", it.process)
        (one,) = client.get("/documents").json
        equal(client.send("POST", f"/documents/{one['id']}/cancel").status, 200)
        two = client.taken(("quick", "x"))["documentId"]
        it.process.send_signal(signal.SIGTERM)
        thread.join(SECONDS)
        assert answers[0].status in (200, 503), answers
        it.ended(0)
    with up(home, program=yogi) as it:
        it.ready()
        gateway_of(it).ended(two, "completed")


def test_listens_elsewhere_too(home):
    """With YOGI_BROKER_LISTEN others come in; then which files its host reads has to be said."""
    file = home.root / DOCUMENTS[0]
    env = surroundings(home, YOGI_BROKER_LISTEN="tcp://127.0.0.1:*")
    with up(home, env=env) as it:
        own, tcp = it.ready()
        assert own.startswith("ipc://") and re.fullmatch(r"tcp://127\.0\.0\.1:\d+", tcp), (own, tcp)
        got = home.run(home.real, "submit", file, env={"YOGI_BROKERS": tcp})
        equal(got.code, 3, got)
        contains(got.err, "YOGI_SOURCE_ROOTS")
    with up(home, env={**env, "YOGI_SOURCE_ROOTS": str(home.root)}) as it:
        equal(home.run(home.real, "submit", file, env={"YOGI_BROKERS": it.ready()[1]}).code, 0)


def test_started_again(home):
    """A service that dies is started again with a line that says so, each early death in a row after a longer rest; a job
    that was in hand is read all the same."""
    yogi, env = trial(home), surroundings(home)
    home.file("slow", "ocr slow 2000\nx")
    with up(home, program=yogi) as it:
        it.ready()
        submit = home.start(yogi, "submit", "slow", env=env)
        for name, service in (("broker", "yogi-broker"), ("host", "yogi-actor"), ("gateway", "yogi-gateway")):
            said = re.compile(f'"child":"{name}","message":"the {name} was ended by signal 9 \\(Killed\\); it is started again(?: in (.*) s)?"')
            for deaths in (1, 2, 3):
                victim = wait_for(lambda: it.child(service), service, it.process)
                os.kill(victim, signal.SIGKILL)
                wait_for(lambda: len(said.findall(it.err)) == deaths, "a line about it", it.process)
            rests = said.findall(it.err)
            # on a slow machine the first may have stood for so long that it is started again at once
            assert rests in (["0.1", "0.2", "0.4"], ["", "0.1", "0.2"]), it.err
        out, err = submit.communicate(timeout=SECONDS)
        equal((submit.returncode, err), (0, b""), it.err)
        contains(json.loads(out)["document"]["filename"], "slow")
        it.process.send_signal(signal.SIGTERM)
        it.ended(0)


def test_inherits_orphans(home):
    """As the first process of a container has to, it buries the workers of a host that was killed."""
    with up(home, before=lambda: ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) as it:
        it.ready()
        host = it.child("yogi-actor")
        workers = list(children(host))
        equal(len(workers), 5)
        os.kill(host, signal.SIGKILL)
        wait_for(lambda: it.child("yogi-actor") not in (None, host), "another host", it.process)
        wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), "the burial of its workers", it.process)


def test_supervisor_killed(home):
    """Its children end with it, and the next one on the same data sweeps up and stands."""
    env = surroundings(home)
    with up(home) as it:
        (endpoint,) = it.ready()
        below = it.all()
        assert len(below) >= 3 + 5, below  # a worker of each stage
        it.process.kill()
        it.process.wait()
        wait_for(lambda: not any(map(is_alive, below)), "the end of its children")
    assert os.path.exists(endpoint[len("ipc://"):]), "a killed one leaves its socket"
    nobody_is_found(home)
    with up(home) as it:
        equal(it.ready(), [endpoint])
        equal(home.run(home.real, "submit", home.root / DOCUMENTS[1], env=env).code, 0)


def test_one_on_the_same_data(home):
    """A second one is refused; on data of its own it runs, and commands go where they are told, or to the user's own."""
    env = surroundings(home)

    def found(**more):
        got = home.run(home.real, "stats", "--json", env={**env, **more})
        return json.loads(got.out)["broker"] if got.code == 0 else got

    with up(home, "--data", "a") as a, up(home, env=surroundings(home, YOGI_DATA="b")) as b:
        (first,), (second,) = a.ready(), b.ready()
        for arguments in (["--data", "a"], ["--data", f"{home.path}/./a/"]):
            got = home.run(home.real, "up", *arguments, env=env)
            equal((got.code, got.out), (2, ""), got)
            contains(got.err, f"yogi: {home.path}/a is in use by another yogi up (process {a.pid})")
        equal(found(YOGI_DATA="a"), first)
        equal(found(YOGI_DATA="b"), second)
        equal(found(YOGI_BROKERS=first), first)
        got = found()
        equal(got.code, 2, got)
        contains(got.err, "several yogi up run here, on ")
        contains(got.err, "YOGI_DATA=DIR")
        with up(home) as own:
            (endpoint,) = own.ready()
            equal(found(), endpoint, "the user's own comes first")
        b.process.send_signal(signal.SIGTERM)
        b.ended(0)
        equal(found(), first, "the only one")
        # who has named brokers is told that they come first
        with up(home, env=surroundings(home, YOGI_BROKERS="tcp://127.0.0.1:9")) as own:
            own.ready()
            wait_for(lambda: "YOGI_BROKERS is set here" in own.err, "a word about it", own.process)


def test_short_paths_for_sockets(home):
    """A folder whose path is too long for a socket, or that others can look into, is passed over."""
    for folder, rights in (("long" * 30, 0o700), ("open", 0o755)):
        os.makedirs(home.path / folder / "yogi")
        os.chmod(home.path / folder / "yogi", rights)
        env = surroundings(home, XDG_RUNTIME_DIR=f"{home.path}/{folder}")
        with up(home, "--data", "deep/" * 40 + folder[:10], env=env) as it:
            (endpoint,) = it.ready()
            assert re.match(r"ipc://(/run/user/|/tmp/yogi-)", endpoint), endpoint
            assert len(endpoint) - len("ipc://") <= 107, endpoint
            equal(home.names(f"{folder}/yogi"), [])
            equal(home.run(home.real, "submit", home.root / DOCUMENTS[1], env={**env, "YOGI_DATA": "deep/" * 40 + folder[:10]}).code, 0)
            it.process.send_signal(signal.SIGTERM)
            it.ended(0)
        assert not os.path.exists(os.path.dirname(endpoint[len("ipc://"):])), "it cleans up"


def test_bad_start(home):
    """What cannot be started is said at once, with the exit code of whoever has found it out."""
    for setting, value, sentence in (("YOGI_SOURCE_ROOTS", "/nothing/there", "yogi: the host ended with exit code 2 before it was ready"),
                                     ("YOGI_BROKER_STAGES", "stage!", "yogi: the broker ended with exit code 2 before it was ready")):
        got = home.run(home.real, "up", env=surroundings(home, **{setting: value}))
        equal((got.code, got.out), (2, ""), got)
        contains(got.err, value)
        contains(got.err, sentence)
        equal(home.names("r/yogi"), [])
    got = home.run(home.real, "up", "a.pdf", env=surroundings(home))
    equal(got.code, 2, got)
    contains(got.err, "yogi up takes no files")
    home.file("taken", "a file")
    got = home.run(home.real, "up", "--data", "taken", env=surroundings(home))
    equal(got.code, 8, got)
    contains(got.err, "taken")


def in_hand(home, yogi, env, milliseconds, it):
    """A document whose only stage takes so long, in the hands of a worker."""
    home.file("slow", f"classification slow {milliseconds}\nx")
    submit = home.start(yogi, "submit", "slow", "--route", "classification", env=env)

    def runs():
        got = home.run(yogi, "stats", "--json", env=env)
        return got.code == 0 and json.loads(got.out)["figures"]["stages"][0]["running"] == 1

    wait_for(runs, "the job to run", it.process)
    return submit


def test_drains(home):
    """Told to end, it lets the work in hand end and be fetched; told by the end of its terminal too."""
    yogi, env = trial(home), surroundings(home)
    keys, terminal = pty.openpty()
    for number, before in ((signal.SIGTERM, os.setsid), (signal.SIGHUP, on_terminal(terminal))):
        with up(home, program=yogi, before=before) as it:
            it.ready()
            submit = in_hand(home, yogi, env, 2000, it)
            it.process.send_signal(number)
            out, err = submit.communicate(timeout=SECONDS)
            equal((submit.returncode, err), (0, b""))
            contains(json.loads(out)["document"]["filename"], "slow")
            it.ended(0)
    os.close(keys)
    os.close(terminal)


def test_keys(home):
    """Between machines its broker has keys, which its host needs not; SIGHUP without a terminal reads the allow-list again."""
    equal(home.run(home.real, "keys", "new", "broker", "--role", "broker").code, 0)
    line = home.run(home.real, "keys", "new", "desk", "--role", "owner").out
    home.file("allow", "# nobody yet\n")
    env = surroundings(home, YOGI_KEYS="broker.cert_secret", YOGI_BROKER_ALLOW="allow", YOGI_BROKER_LISTEN="tcp://127.0.0.1:*",
                       YOGI_SOURCE_ROOTS=str(home.root), YOGI_LOG_LEVEL="info")
    with up(home, env=env, before=os.setsid) as it:
        tcp = it.ready()[1]
        desk = {"YOGI_KEYS": "desk.cert_secret", "YOGI_BROKER_KEY": "broker.cert", "YOGI_BROKERS": tcp}
        got = home.run(home.real, "submit", home.root / DOCUMENTS[1], "--wait", "2", env=desk)
        assert got.code in (1, 2) and "no broker" in got.err, got
        home.file("allow", line)
        it.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "broker.reload" in it.err, "the list to be read", it.process)
        got = home.run(home.real, "submit", home.root / DOCUMENTS[1], env=desk)
        equal((got.code, got.err), (0, ""), got)
        it.process.send_signal(signal.SIGTERM)
        it.ended(0)


def test_ctrl_c_twice(home):
    """On a terminal Ctrl-C reaches the supervisor alone; the second one ends everything at once."""
    yogi, env = trial(home), surroundings(home)
    keys, terminal = pty.openpty()
    try:
        with up(home, program=yogi, before=on_terminal(terminal)) as it:
            it.ready()
            submit = in_hand(home, yogi, env, 60000, it)
            below = it.all()
            os.write(keys, CTRL_C)
            wait_for(lambda: "a second signal ends it at once" in it.err, "a word", it.process)
            host = it.child("yogi-actor")
            assert host and [pid for pid, line in children(host).items() if line.startswith("yogi-worker")], "it goes on"
            os.write(keys, CTRL_C)
            it.ended(130)
            wait_for(lambda: not any(map(is_alive, below)), "the end of its children")
            equal(home.names("r/yogi"), [])
            submit.kill()
            submit.communicate()
    finally:
        os.close(keys)
        os.close(terminal)


if __name__ == "__main__":
    main(sys.modules[__name__])
