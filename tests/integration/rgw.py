"""rgw: a real S3 server, Ceph's radosgw, above a cluster of one monitor and one store in memory, on free ports of 127.0.0.1.

    with rgw.server(home) as s3:
        s3.endpoint, rgw.ID, rgw.SECRET; s3.stop() and s3.start() take it away and give it back

radosgw checks signatures (version 4), presigned URLs, parts and ranges. It does not run as root. What it keeps in memory of what it
does (debug …, for its dumps when it crashes) is off: nobody reads it, and it is a seventh of its time.
"""
import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager

from harness import Skip, wait_for

PROGRAMS = ("ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
ID, SECRET = "AKIAYOGITESTS0000001", "not/a+real/secret+but/as/long+as/theirs0"
NOBODY = 65534
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon}
mon initial members = a
mon allow pool size one = true
mon data = {folder}/mon
osd data = {folder}/osd
osd class dir = /usr/lib/x86_64-linux-gnu/rados-classes
osd objectstore = memstore
memstore device bytes = {room}
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
paxos propose interval = 0.02
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms client mode = crc
run dir = {folder}
admin socket = {folder}/$name.asok
log file =
debug rgw = 0/0
debug osd = 0/0
debug ms = 0/0
debug objecter = 0/0
debug rados = 0/0
rgw frontends = beast {listen}
rgw dns name = s3.localhost
rgw enable usage log = false
"""


class Server:
    def __init__(self, folder, room):
        self.folder, self.room, self.processes, self.gateway = folder, room, [], None

    def make(self, tls):
        folder = self.folder
        # radosgw tells nobody which port it was given: these were free a moment ago, and a clash ends the start
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        mon, self.port = (s.getsockname()[1] for s in sockets)
        for s in sockets:
            s.close()
        self.endpoint = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        listen = f"ssl_endpoint=127.0.0.1:{self.port} ssl_certificate={tls}" if tls else f"endpoint=127.0.0.1:{self.port}"
        fsid = str(uuid.uuid4())
        (folder / "ceph.conf").write_text(CONFIGURATION.format(fsid=fsid, mon=mon, folder=folder, listen=listen, room=self.room))
        for name in ("mon", "osd"):
            (folder / name).mkdir()
        if os.geteuid() == 0:
            for path in (folder, folder / "mon", folder / "osd"):
                os.chown(path, NOBODY, NOBODY)
        self.run("monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{mon}]", "--fsid", fsid, folder / "monmap")
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", folder / "monmap")
        self.spawn("ceph-mon", "-i", "a", "-f")
        store = str(uuid.uuid4())
        self.run("ceph", "--connect-timeout", "60", "osd", "new", store)
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self.spawn("ceph-osd", "-i", "0", "-f")
        self.run("radosgw-admin", "user", "create", "--uid=yogi", "--display-name=yogi", f"--access-key={ID}", f"--secret-key={SECRET}")
        self.start()

    def command(self, program, arguments):
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
        return [*drop, program, *map(str, arguments)]

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "CEPH_CONF": str(self.folder / "ceph.conf"), "LC_ALL": "C.UTF-8"}

    def run(self, program, *arguments):
        done = subprocess.run(self.command(program, arguments), env=self.environment(), capture_output=True, timeout=90)
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}"

    def spawn(self, program, *arguments):
        log = open(self.folder / f"{program}.log", "ab")
        self.processes.append(subprocess.Popen(self.command(program, arguments), env=self.environment(), stdout=log, stderr=log))
        return self.processes[-1]

    def start(self):
        self.gateway = self.spawn("radosgw", "-n", "client.admin", "-f")

        def answers():
            assert self.gateway.poll() is None, (self.folder / "radosgw.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.01)
        wait_for(answers, "radosgw", seconds=90)

    def stop(self):
        self.gateway.kill()
        self.gateway.wait()

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@contextmanager
def server(home, tls=None, room=1 << 30):
    """tls: file of a key and a certificate for 127.0.0.1; room: bytes that it takes, past which it answers no more."""
    missing = [p for p in PROGRAMS if not shutil.which(p)]
    if missing:
        raise Skip(f"{', '.join(missing)} are not here (packages radosgw, ceph-mon, ceph-osd)")
    folder = home.path / "rgw"
    folder.mkdir()
    home.path.chmod(0o755)
    it = Server(folder, room)
    try:
        it.make(tls)
        yield it
    finally:
        it.close()


def ask(s3, method, path, *more):
    """What the server answers, by curl, whose signatures are not ours."""
    done = subprocess.run(["curl", "-sS", "--fail-with-body", *more, "-X", method, "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                           f"{ID}:{SECRET}", "-H", "x-amz-content-sha256: " + hashlib.sha256(b"").hexdigest(),
                           f"{s3.endpoint}/{path}"], capture_output=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout.decode()


def make_bucket(s3, bucket, *more):
    ask(s3, "PUT", bucket, *more)


def objects(s3, bucket):
    """The keys of all objects (of the first thousand)."""
    return re.findall("<Key>([^<]*)</Key>", ask(s3, "GET", f"{bucket}?list-type=2"))


def halves(s3, bucket):
    """The keys of what is being written in parts and has not ended."""
    return re.findall("<Key>([^<]*)</Key>", ask(s3, "GET", f"{bucket}?uploads="))


def fetch(url, method="GET", headers=None):
    """(status, body) of a plain request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers or {}), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
