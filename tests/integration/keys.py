#!/usr/bin/python3
"""Keys and access: real brokers, hosts and owners over TCP with CURVE; who is on the list does what its line says, who is
not gets no frame through, whatever it tries; the list is read again while everybody stays connected; and whatever is wrong
with keys or lists stops the start with one clear line. Raw clients are pyzmq's."""
import json
import os
import re
import signal
import socket
import stat
import sys
import time
from contextlib import contextmanager

import zmq
import zmq.auth

from harness import SECONDS, Skip, contains, equal, main, wait_for
from system import FIXTURES, System, account, all_completed, documents, drained, refused, some_ended

KEY = r"[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{40}"


class Locked(System):
    """A system whose broker has keys: broker, and names made by self.key, of which the list has those of self.allow."""

    def __init__(self, home, listen="tcp://127.0.0.1:*", **settings):
        super().__init__(home, listen, **settings)
        self.lines = {}
        self.make("broker", "broker")

    def make(self, name, role):
        got = self.home.run(self.home.real, "keys", "new", name, "--role", role)
        equal((got.code, got.err), (0, ""), got)
        return got.out

    def key(self, name, role):
        self.lines[name] = self.make(name, role)

    def path(self, name):
        return str(self.home.path / name)

    def allow(self, *names):
        self.home.file("allow", "# of a test\n\n" + "".join(self.lines[n] for n in names))

    def broker(self, listen=None, **env):
        keys = {"YOGI_KEYS": self.path("broker.cert_secret"), "YOGI_BROKER_ALLOW": self.path("allow"), "YOGI_LOG_LEVEL": "info"}
        process = super().broker(listen, **{**keys, **env})
        self.endpoint = process.endpoint.replace("0.0.0.0", "127.0.0.1")
        process.heard = b""
        return process

    def of(self, name, **env):
        """Settings of a process that has this key."""
        return {"YOGI_KEYS": self.path(f"{name}.cert_secret"), "YOGI_BROKER_KEY": self.path("broker.cert"), **env}

    def host(self, name, *stages, **env):
        return super().host(*stages, **self.of(name, **env))

    def throng(self, name, count, *wishes, route="noop"):
        process = self.start("throng", self.endpoint, count, route, *wishes, env=self.of(name))
        process.count, process.kept = count, b""
        return process

    def run(self, name, command, *arguments):
        return self.home.run(self.home.real, command, *arguments, env=self.environment(self.of(name)))

    def reload(self, broker):
        """Has the list read again; what the broker says of it."""
        before = len(events(broker, "broker.reload"))
        broker.send_signal(signal.SIGHUP)
        return wait_for(lambda: events(broker, "broker.reload")[before:], "the list to be read", broker)[0]


@contextmanager
def locked(home, *arguments, **settings):
    made = Locked(home, *arguments, **settings)
    try:
        yield made
    finally:
        made.close()


def events(process, name):
    """Log lines of this event that a process has written so far."""
    os.set_blocking(process.stderr.fileno(), False)
    process.heard = getattr(process, "heard", b"") + (process.stderr.read() or b"")
    lines = process.heard.split(b"\n")[:-1]
    return [e for e in (json.loads(l) for l in lines if l.startswith(b"{")) if e["event"] == name]


def last_word(broker):
    """Told to end, a broker does, in order; its counts."""
    broker.send_signal(signal.SIGTERM)
    broker.wait(timeout=SECONDS)
    (end,) = events(broker, "broker.ends")
    equal(broker.returncode, 0, broker.heard)
    assert b"Sanitizer" not in broker.heard and b"runtime error" not in broker.heard, broker.heard
    return end


def stages_of(it, name):
    """The figures of the stages, as the key of this name sees them."""
    got = it.run(name, "stats", "--json")
    equal(got.code, 0, got)
    return {s["stage"]: s for s in json.loads(got.out)["figures"]["stages"]}


# ---- work flows ----


def test_documents(home):
    """Hosts that may serve some stages each, and an owner: a document is read as `yogi read` reads it."""
    files = documents(home)[:1]
    read = home.run(home.real, "read", *files)
    with locked(home, "tcp://0.0.0.0:*", YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.root / FIXTURES)) as it:
        it.key("first", "actor:classification,ocr")
        it.key("second", "actor")
        it.key("gateway", "owner")
        it.key("operator", "admin")
        it.allow("first", "second", "gateway", "operator")
        broker = it.broker()
        first, second = it.host("first", "classification", "ocr"), it.host("second", "llm", "validation")
        got = it.run("gateway", "submit", *files)
        equal((got.code, got.err), (0, ""), got)
        for part in ("document", "classification", "timetables", "checks", "outcome"):
            equal(json.loads(got.out)[part], json.loads(read.out)[part], part)
        equal(stages_of(it, "operator")["validation"]["done"], 1)
        equal(stages_of(it, "gateway")["ocr"]["actors"], 1)
        drained(first)
        drained(second)
        end = last_word(broker)
        equal((end["strangers"], end["barred"]), (0, 0))


def test_path_needs_no_keys(home):
    """One broker at a port with keys and a path without: an owner here, a host there."""
    with locked(home) as it:
        it.key("host", "actor:noop")
        it.allow("host")
        it.broker(listen=f"tcp://127.0.0.1:* ipc://{home.path}/broker")
        it.host("host", "noop")
        it.endpoint = f"ipc://{home.path}/broker"
        all_completed(System.throng(it, 50))


def test_keys_of_others(home):
    """Certificates that pyzmq has made serve as well, and it reads ours."""
    with locked(home) as it:
        it.key("host", "actor")
        public, secret = zmq.auth.load_certificate(it.path("host.cert_secret"))
        equal(public.decode(), it.lines["host"].split()[0])
        equal(zmq.curve_public(secret), public)
        equal(zmq.auth.load_certificate(it.path("host.cert")), (public, None))
        shared, private = zmq.auth.create_certificates(home.path, "owner")
        os.chmod(private, 0o600)
        public = zmq.auth.load_certificate(shared)[0].decode()
        it.lines["owner"] = f"{public} owner owner\n"
        it.allow("host", "owner")
        it.broker()
        it.host("host", "noop")
        os.rename(private, it.path("owner.cert_secret"))
        all_completed(it.throng("owner", 20))


# ---- who may not ----


def test_forbidden_roles(home):
    """A key does what its line says and nothing else; who asked for more is told why."""
    home.file("a", "x")
    with locked(home) as it:
        for name, role in (("host", "actor:ocr,noop"), ("gateway", "owner"), ("operator", "admin"), ("nobody", "owner")):
            it.key(name, role)
        it.allow("host", "gateway", "operator")
        broker = it.broker()
        for name, sentence in (("host", "no broker takes these documents: this key may not have that role"),
                               ("operator", "an admin's key has no jobs"),
                               ("nobody", "it does not let this key in: is YOGI_KEYS on its allow-list")):
            got = it.run(name, "submit", "a", "--route", "noop")
            equal((got.code, got.out), (2, ""), got)
            contains(got.err, sentence)
            equal(len(got.err.splitlines()), 1, got)
        got = it.run("host", "stats")
        equal(got.code, 2, got)
        contains(got.err, "no broker tells its figures: this key may not have that role")
        for name, stage, sentence in (("gateway", "noop", "this key may not have that role"),
                                      ("operator", "noop", "this key may not have that role"),
                                      ("host", "llm", "this key may not serve that stage"),
                                      ("nobody", "noop", "it does not let this key in")):
            host = it.host(name, stage)
            (line,) = wait_for(lambda: events(host, "host.refused"), "to be refused", host)
            contains(line["message"], sentence)
            drained(host)
        equal({s["actors"] for s in stages_of(it, "operator").values()}, {0})
        it.host("host", "noop")
        all_completed(it.throng("gateway", 20)) # and the broker is none the worse for it
        equal(last_word(broker)["barred"], 0)


def hello(role):
    """A HELLO of an owner (1) or of an actor (2) of noop, as PROTOCOL.md has it."""
    route = b"\x91\xa4noop" if role == 2 else b"\x90"
    return b"\x99\x01\x01\x00" + bytes([role]) + b"\xc4\x10" + os.urandom(16) + b"\xc0\x01" + route + b"\xa3raw"


def raw(context, it, own=None, server=None, name=None):
    """A raw client at the broker with keys of these names; None = no CURVE. name: the routing id that it gives itself."""
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    if own:
        dealer.curve_publickey, dealer.curve_secretkey = zmq.auth.load_certificate(it.path(f"{own}.cert_secret"))
        dealer.curve_serverkey = zmq.auth.load_certificate(it.path(f"{server or 'broker'}.cert"))[0]
    if name:
        dealer.setsockopt(zmq.ROUTING_ID, name)
    dealer.connect(it.endpoint)
    return dealer


def null_ready(properties):
    """A greeting with the mechanism NULL and READY with these properties, as ZMTP 3.0 has them."""
    body = b"\x05READY" + b"".join(bytes([len(k)]) + k + len(v).to_bytes(4, "big") + v for k, v in properties)
    return b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31) + b"\x04" + bytes([len(body)]) + body


def test_no_frame(home):
    """Not a frame of those whose key is unknown, who believe in another broker, who have no CURVE or who send garbage; and
    nobody else notices them."""
    with locked(home) as it:
        for name, role in (("host", "actor:noop"), ("gateway", "owner"), ("nobody", "owner"), ("other", "owner")):
            it.key(name, role)
        it.allow("host", "gateway", "other")
        broker = it.broker()
        context = zmq.Context()
        clients = [raw(context, it, "nobody"), raw(context, it, "nobody", name=b"gateway"), raw(context, it, "gateway", "other"),
                   raw(context, it), raw(context, it, name=b"\x00\x00\x00\x00\x01")]
        for client in clients:
            for _ in range(3):
                client.send(hello(1))
        host, port = it.endpoint[len("tcp://"):].rsplit(":", 1)
        forged = null_ready([(b"Socket-Type", b"DEALER"), (b"User-Id", it.lines["gateway"].split()[0].encode())])
        frame = hello(1)
        strangers = []
        for bytes_ in (os.urandom(4096), b"GET / HTTP/1.1\r\n\r\n", forged + b"\x00" + bytes([len(frame)]) + frame):
            strangers.append(socket.create_connection((host, int(port))))
            strangers[-1].sendall(bytes_)
        wait_for(lambda: events(broker, "broker.stranger"), "a stranger to be written down", broker)
        contains(events(broker, "broker.stranger")[0]["message"], it.lines["nobody"].split()[0])
        for stranger in strangers: # each is hung up on
            stranger.settimeout(SECONDS)
            try:
                while stranger.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        equal([c.poll(0) for c in clients], [0] * len(clients), "an answer")
        equal(last_word(broker)["framesIn"], 0)
        broker = it.broker(listen=it.endpoint)
        good = raw(context, it, "gateway") # the same frame under a good key is answered
        good.send(hello(1))
        assert good.poll(SECONDS * 1000), "no answer"
        equal(good.recv()[1:3], b"\x01\x02", "WELCOME")
        it.host("host", "noop")
        all_completed(it.throng("gateway", 50))
        context.destroy(linger=0)
        last_word(broker)


# ---- the list is read again ----


def test_key_taken_off(home):
    """Its jobs go to another at once, it is told, and not heard; the others stay connected. Back on the list it works."""
    with locked(home, YOGI_WORKERS="1") as it:
        for name, role in (("first", "actor:noop"), ("second", "actor:noop"), ("gateway", "owner")):
            it.key(name, role)
        it.allow("first", "second", "gateway")
        broker = it.broker()
        first = it.host("first", "noop")
        throng = it.throng("gateway", 30, "slow 50")
        some_ended(throng, 3)
        it.allow("second", "gateway")
        line = it.reload(broker)
        equal((line["keys"], line["changed"]), (2, 1), line)
        equal(stages_of(it, "gateway")["noop"]["running"], 0)
        equal(stages_of(it, "gateway")["noop"]["actors"], 0)
        (line,) = wait_for(lambda: events(first, "host.refused"), "to be told", first)
        contains(line["message"], "this key was taken off the broker's allow-list")
        second = it.host("second", "noop")
        all_completed(throng)
        equal(stages_of(it, "gateway")["noop"]["actors"], 1)
        it.allow("first", "second", "gateway")
        equal(it.reload(broker)["changed"], 0)
        wait_for(lambda: stages_of(it, "gateway")["noop"]["actors"] == 2, "the first to be back", first)
        drained(second)
        all_completed(it.throng("gateway", 10))
        drained(first)
        assert last_word(broker)["barred"] > 0


def test_key_added(home):
    """Who tries before its key is on the list is let in when it is, though ZeroMQ gives up on a refusal."""
    with locked(home) as it:
        it.key("host", "actor:noop")
        it.key("gateway", "owner")
        it.allow("gateway")
        broker = it.broker()
        host = it.host("host", "noop")
        wait_for(lambda: events(host, "host.refused"), "to be refused", host)
        throng = it.throng("gateway", 20)
        it.allow("gateway", "host")
        it.reload(broker)
        all_completed(throng)
        it.allow("gateway")
        it.reload(broker)  # another refusal within the minute for which the first was told
        wait_for(lambda: any("taken off" in line["message"] for line in events(host, "host.refused")), "to be told of that too", host)
        drained(host)
        last_word(broker)


def test_rights_changed(home):
    """Fewer stages on the line: the host that serves others is refused from then on; an owner that becomes an admin keeps
    its figures and loses its jobs."""
    home.file("a", "x")
    with locked(home) as it:
        it.key("host", "actor:noop,ocr")
        it.key("gateway", "owner")
        it.allow("host", "gateway")
        broker = it.broker()
        host = it.host("host", "noop")
        all_completed(it.throng("gateway", 10))
        it.lines["host"] = it.lines["host"].replace("actor:noop,ocr", "actor:ocr")
        it.lines["gateway"] = it.lines["gateway"].replace("gateway owner", "renamed admin")
        it.allow("host", "gateway")
        equal(it.reload(broker)["changed"], 2)
        (line,) = wait_for(lambda: events(host, "host.refused"), "to be refused", host)
        contains(line["message"], "this key may not serve that stage")
        equal(stages_of(it, "gateway")["noop"]["actors"], 0)
        contains(it.run("gateway", "submit", "a", "--route", "noop").err, "an admin's key has no jobs")
        drained(host)
        last_word(broker)


def test_broken_list(home):
    """A list that cannot be read changes nothing; what is wrong is said."""
    with locked(home) as it:
        it.key("host", "actor:noop")
        it.key("gateway", "owner")
        it.allow("host", "gateway")
        broker = it.broker()
        it.host("host", "noop")
        throng = it.throng("gateway", 100, "slow 10")
        some_ended(throng, 5)
        for text, sentence in ((it.lines["host"] + "nonsense\n", 'line 2: "nonsense" is no CURVE key'),
                               (it.lines["host"] * 2, "line 2: this key stands in line 1 already"), (None, "cannot be read")):
            if text is None:
                os.unlink(it.path("allow"))
            else:
                home.file("allow", text)
            line = it.reload(broker)
            equal(line["level"], "error", line)
            contains(line["message"], "YOGI_BROKER_ALLOW: ")
            contains(line["message"], sentence)
        equal({e[1:] for e in all_completed(throng).values()}, {("", 0, 0)})
        last_word(broker)


def test_hangup_without_list(home):
    """SIGHUP to a broker that has no list does it no harm."""
    with locked(home) as it:
        path = f"ipc://{home.path}/broker"
        broker = System.broker(it, path, YOGI_LOG_LEVEL="info")
        it.endpoint = path
        contains(it.reload(broker)["message"], "there is no allow-list")
        System.host(it)
        all_completed(System.throng(it, 10))
        last_word(broker)


# ---- starts that are refused ----


def test_refused_starts(home):
    with locked(home) as it:
        it.key("host", "actor")
        it.allow("host")
        keys, allow, public = it.path("broker.cert_secret"), it.path("allow"), it.path("broker.cert")
        here = {"YOGI_BROKER_LISTEN": "tcp://127.0.0.1:*"}

        def broker(sentence, **env):
            refused(home, "yogi-broker", sentence, **{**here, "YOGI_KEYS": keys, "YOGI_BROKER_ALLOW": allow, **env})

        def host(sentence, **env):
            refused(home, "yogi-actor", sentence, "noop", **{**it.of("host"), **env})

        refused(home, "yogi-broker", "reaches beyond this machine and there are no CURVE keys", YOGI_BROKER_LISTEN="tcp://0.0.0.0:*")
        refused(home, "yogi-broker", "YOGI_KEYS is set and YOGI_BROKER_ALLOW is not", YOGI_KEYS=keys, **here)
        refused(home, "yogi-broker", "YOGI_BROKER_ALLOW is set and YOGI_KEYS is not", YOGI_BROKER_ALLOW=allow, **here)
        refused(home, "yogi-actor", "YOGI_KEYS is set and YOGI_BROKER_KEY is not", "noop", YOGI_KEYS=it.path("host.cert_secret"))
        refused(home, "yogi-actor", "YOGI_BROKER_KEY is set and YOGI_KEYS is not", "noop", YOGI_BROKER_KEY=public)
        broker(f"YOGI_KEYS: {home.path}/nothing cannot be read: No such file", YOGI_KEYS=it.path("nothing"))
        broker("it has no secret-key", YOGI_KEYS=public_of(it, "broker"))
        broker("YOGI_BROKER_ALLOW: ", YOGI_BROKER_ALLOW=it.path("nothing"))
        broker(f"YOGI_KEYS: {home.path} is no file", YOGI_KEYS=str(home.path))
        host("YOGI_BROKER_KEY: ", YOGI_BROKER_KEY=it.path("nothing"))
        host("it has no public-key", YOGI_BROKER_KEY=allow)
        for number, (text, sentence) in enumerate((("x\n", 'line 1: "x" is no CURVE key'),
                                                   (f"\n{it.lines['host']}{it.lines['host']}", "line 3: this key stands in line 2 already"),
                                                   (it.lines["host"].replace("actor", "actress"), '"actress" is no role'))):
            broker(f"YOGI_BROKER_ALLOW: {home.path}/list-{number}: ", YOGI_BROKER_ALLOW=it.path(home.file(f"list-{number}", text)))
            broker(sentence, YOGI_BROKER_ALLOW=it.path(f"list-{number}"))
        for mode in (0o604, 0o640, 0o644):
            os.chmod(keys, mode)
            os.chmod(it.path("host.cert_secret"), mode)
            broker(f"broker.cert_secret may be read by others than its owner (mode {mode:04o}): chmod 600 it")
            host(f"host.cert_secret may be read by others than its owner (mode {mode:04o}): chmod 600 it")
            for command in (["submit", "allow"], ["stats"]):
                got = it.run("host", *command)
                equal((got.code, len(got.err.splitlines())), (2, 1), got)
                contains(got.err, "may be read by others than its owner")


def public_of(it, name):
    return it.path(f"{name}.cert")


def test_unreadable_key(home):
    """Where somebody else's key is named; and what root hands out to a group, as Kubernetes does."""
    if os.geteuid() != 0:
        raise Skip("only root can be somebody else")
    with locked(home) as it:
        it.key("host", "actor:noop")
        it.allow("host")
        os.chmod(home.path, 0o755)
        os.chmod(it.path("broker.cert"), 0o644)
        listen = {"YOGI_BROKER_LISTEN": "tcp://127.0.0.1:*", "YOGI_KEYS": it.path("broker.cert_secret"), "YOGI_BROKER_ALLOW": it.path("allow")}

        def somebody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

        got = home.run(home.build / "bin" / "yogi-broker", env=listen, before=somebody, cwd="/")
        equal((got.code, len(got.err.splitlines())), (2, 1), got)
        contains(got.err, "broker.cert_secret cannot be read: Permission denied")
        for mode, good in ((0o440, True), (0o460, False), (0o444, False)):
            os.chown(it.path("broker.cert_secret"), 0, 65534)
            os.chmod(it.path("broker.cert_secret"), mode)
            process = home.start(home.build / "bin" / "yogi-broker", env=listen, before=somebody)
            it.processes.append(process)
            line = process.stdout.readline().decode()
            equal(line.startswith("ready "), good, line)
            if good:
                drained(process)
            else:
                contains(process.stderr.read().decode(), f"(mode {mode:04o})")


# ---- yogi keys ----


def keys(home, *arguments):
    return home.run(home.real, "keys", *arguments)


def test_command(home):
    """Pairs for their owner alone, never replaced, each another; their lines make a list that reads as it was written."""
    (home.path / "out").mkdir()
    before = os.umask(0)
    got = keys(home, "new", "host-1", "--role", "actor:ocr,llm", "--out", "out")
    os.umask(before)
    equal((got.code, got.err), (0, ""), got)
    assert re.fullmatch(KEY + r" host-1 actor:ocr,llm\n", got.out), got
    equal(home.names("out"), ["host-1.cert", "host-1.cert_secret"])
    for name in home.names("out"):
        equal(stat.S_IMODE(os.stat(home.path / "out" / name).st_mode), 0o600, name)
    contains((home.path / "out" / "host-1.cert").read_text(), got.out.split()[0])
    assert "secret-key" not in (home.path / "out" / "host-1.cert").read_text()
    contents = [(home.path / "out" / n).read_bytes() for n in home.names("out")]
    again = keys(home, "new", "host-1", "--role", "owner", "--out", "out")
    equal(again.code, 8, again)
    contains(again.err, "host-1.cert_secret is there already; keys are never replaced")
    equal([(home.path / "out" / n).read_bytes() for n in home.names("out")], contents)
    lines = got.out
    for number, role in enumerate(("owner", "admin", "actor", "owner actor:llm")):
        got = keys(home, "new", f"key-{number}", "--role", role, "--out", "out")
        equal(got.code, 0, got)
        contains(got.out, f" key-{number} {role}\n")
        lines += got.out
    equal(len({line.split()[0] for line in lines.splitlines()}), 5)
    home.file("list", "# all\n\n" + lines)
    got = keys(home, "list", "list")
    equal((got.code, got.out, got.err), (0, lines, ""), got)
    got = keys(home, "new", "broker", "--role", "broker", "--out", "out")
    contains(got.out, "# broker.cert_secret: YOGI_KEYS of the brokers")
    home.file("list", lines + got.out) # a comment
    equal(keys(home, "list", "list").out, lines)


def test_command_refused(home):
    home.file("twice", "x\n")
    for code, sentence, *arguments in (
            (2, "new or list?",),
            (2, "there is no yogi keys nwe, but new and list", "nwe", "a"),
            (2, "--role is missing", "new", "a"),
            (2, "yogi keys new takes one name", "new", "--role", "owner"),
            (2, "yogi keys new takes one name", "new", "a", "b", "--role", "owner"),
            (2, '--role: "boss" is no role', "new", "a", "--role", "boss"),
            (2, "--role: no role is named", "new", "a", "--role", " "),
            (2, "--role: the stage ocr stands there twice", "new", "a", "--role", "actor:ocr,ocr"),
            (2, '"../a" is no name of a key', "new", "../a", "--role", "owner"),
            (2, '"" is no name of a key', "new", "", "--role", "owner"),
            (8, "a.cert_secret cannot be written", "new", "a", "--role", "owner", "--out", "no/such"),
            (2, "there cannot be read: No such file", "list", "there"),
            (2, 'twice: line 1: "x" is no CURVE key', "list", "twice")):
        got = keys(home, *arguments)
        equal(got.code, code, got)
        contains(got.err, sentence)
        equal((got.out, len(got.err.splitlines())), ("", 1), got)
    equal(home.names(), ["twice"])
    contains(keys(home, "--help").out, "YOGI_BROKER_ALLOW")


if __name__ == "__main__":
    main(sys.modules[__name__])
