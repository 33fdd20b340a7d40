#!/usr/bin/python3
"""Yogi on a machine: what deploy/install and the .deb put there and take away, units that systemd has nothing against, and a
system that is booted with them and reads a document."""
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from harness import SECONDS, Skip, contains, equal, main, wait_for
from podman import Engine
from readme import fill, runs

STAGES = ("classification", "ocr", "llm", "validation", "render")
UNITS = ("yogi-broker", "yogi-gateway", "yogi-actor@ocr", "yogi-bridge")
FIXTURES = ("syn-39-png.png", "syn-01-png.png", "syn-22-png.png")  # one that was read before is not read again
EXPOSURE = 25  # tenths
# what systemd would change in the kernel that the container shares with this machine: its table of foreign programs
HOSTS_OWN = ("systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount")


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"there is no {program} here")


def installed(home, root):
    """deploy/install below the folder, as a machine has it."""
    if os.geteuid() != 0:
        raise Skip("installing needs root")
    need("systemd-sysusers")
    done = home.run(home.root / "deploy/install", "--build", home.build, "--root", root)
    equal(done.code, 0, done.err)
    return Path(root)


def files(root):
    return sorted(str(path.relative_to(root)) for path in Path(root).rglob("*") if not path.is_dir())


def programs(home):
    """What is built of what is to be installed."""
    return {p.name for p in (home.build / "bin").iterdir() if re.fullmatch(r"yogi(-(?!bench)[a-z]+)?", p.name)}


# ---- putting and taking away ----


def test_install_and_uninstall(home):
    root = installed(home, home.path / "machine")
    lib = root / "usr/lib/yogi"
    equal({p.name for p in lib.iterdir()}, programs(home) | {"host", "installed"})
    equal(home.run(root / "usr/bin/yogi", "version").out, home.run(home.real, "version").out)
    contains((root / "etc/passwd").read_text(), "yogi:x:")
    equal(oct((root / "var/lib/yogi/blobs").stat().st_mode & 0o777), "0o700")
    for file in (root / "etc/yogi").glob("*.env"):
        equal(oct(file.stat().st_mode & 0o777), "0o600", file)
    own = root / "etc/yogi/broker.env"
    own.write_text("YOGI_BROKER_JOBS=7\n")
    before = files(root)
    installed(home, root)  # once more: an update
    equal(files(root), before)
    equal(own.read_text(), "YOGI_BROKER_JOBS=7\n", "settings are not written over")
    (root / "usr/lib/systemd/system/other.service").write_text("")
    equal(home.run(home.root / "deploy/install", "--uninstall", "--root", root).code, 0)
    left = [name for name in files(root) if "yogi" in name or name.startswith("usr")]
    equal(left, [f"etc/yogi/{name}.env" for name in ("actor", "bridge", "broker", "gateway", "yogi")] +
          ["usr/lib/systemd/system/other.service"])
    assert not (root / "var/lib/yogi").exists(), "folders that hold no documents"
    again = home.run(home.root / "deploy/install", "--uninstall", "--root", root)
    equal(again.code, 1)
    contains(again.err, "nothing was put here")


def test_install_refuses(home):
    for arguments in (["--root"], ["extra"], ["--build"]):
        done = home.run(home.root / "deploy/install", *arguments)
        equal(done.code, 2, done)
        contains(done.err, "--uninstall")
    if os.geteuid() == 0:
        done = home.run(home.root / "deploy/install", "--build", home.path, "--root", home.path / "x")
        equal(done.code, 1)
        contains(done.err, "holds no built yogi")


def packed(home, command):
    """The .deb that a command of the README makes, of this build and without the minutes of compressing it."""
    need("dpkg-deb", "dpkg-shlibdeps", "cpack", "file")
    command = fill(command, {"build/release": home.build, "build/deb": home.path / "deb"})
    done = home.run("sh", "-c", command + " -D CPACK_DEBIAN_COMPRESSION_TYPE=none")
    equal(done.code, 0, done)
    package, = (home.path / "deb").glob("yogi_*.deb")
    return package


def check_package(home, package):
    listed = home.run("dpkg-deb", "-c", package).out
    rows = [line.split() for line in listed.splitlines()]
    names = {row[5].lstrip("."): row for row in rows if not row[0].startswith("d")}
    equal({name.rsplit("/", 1)[1] for name in names if name.startswith("/usr/lib/yogi/")}, programs(home) | {"host"})
    for name in ("yogi-broker", "yogi-gateway", "yogi-actor@", "yogi-bridge"):
        assert f"/usr/lib/systemd/system/{name}.service" in names, listed
    equal({row[1] for row in rows}, {"root/root"})
    equal({row[0] for name, row in names.items() if name.startswith("/etc/yogi/")}, {"-rw-------"})
    control = home.run("dpkg-deb", "-f", package).out
    depends = control.split("Depends: ")[1].splitlines()[0]
    for library in ("libc6", "libzmq5", "libtesseract5", "libpq5", "tesseract-ocr-eng", "fonts-dejavu-core"):
        contains(depends, library)
    settings = home.run("dpkg-deb", "-I", package, "conffiles").out.split()
    equal(sorted(settings), sorted(name for name in names if name.startswith("/etc/")))


# ---- what is said to systemd ----


def test_units_are_sound(home):
    """systemd-analyze verify says nothing, and security finds each exposed by no more than it may be."""
    need("systemd-analyze")
    root = installed(home, home.path / "machine")
    units = home.path / "units"
    units.mkdir()
    for unit in (root / "usr/lib/systemd/system").glob("yogi-*.service"):
        if not (root / "usr/lib/yogi" / re.search(r"lib/yogi/(\S+)", unit.read_text())[1]).exists():
            equal(unit.name, "yogi-bridge.service", "only it may be left out of a build")
            shutil.copy("/bin/true", root / "usr/lib/yogi/yogi-bridge")
        (units / unit.name.replace("@", "@ocr")).write_text(unit.read_text().replace("/usr/lib/yogi", f"{root}/usr/lib/yogi"))
    equal(sorted(p.stem for p in units.iterdir()), sorted(UNITS))
    for unit in units.iterdir():
        looked = home.run("systemd-analyze", "verify", "--man=no", unit)
        equal((looked.code, looked.out, looked.err), (0, "", ""), unit.name)
        judged = home.run("systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}", unit)
        equal(judged.code, 0, judged.out)
        worst = home.run("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=1", unit)
        assert worst.code != 0, "the judge lets everything pass"


def set_in(text):
    """Names that lines of settings set, those that are commented out too."""
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.M))


def test_settings_exist(home):
    """Whatever files of settings and units set is a setting of the program; the bridge's are known where it is built."""
    known = set_in(home.run(home.real, "config").out)
    known |= {name + "_FILE" for name in known} | {"STAGES"}
    if "yogi-bridge" not in programs(home):
        known |= {"REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD_FILE"}
    folder = home.root / "deploy/systemd"
    for file in sorted(folder.glob("*.env")):
        names = set_in(file.read_text())
        assert names, file
        equal(names - known, set(), file)
    for unit in folder.glob("*.service"):
        equal(set(re.findall(r"^Environment=(\w+)=", unit.read_text(), re.M)) - known, set(), unit)
    equal(set_in("YOGI_NOT_THERE=1\n") - known, {"YOGI_NOT_THERE"})


# ---- a machine of the cluster ----


def test_host_joins_and_drains(home):
    """yogi-host with a systemctl that writes down what it is told."""
    if os.geteuid() != 0:
        raise Skip("keys are given to another user by root alone")
    need("install")
    tools = home.path / "tools"
    tools.mkdir()
    (tools / "systemctl").write_text('#!/bin/sh\necho "$*" >> told\n')
    (tools / "install").write_text('#!/bin/sh\nexec /usr/bin/install -m "$2" "$7" "$8"\n')  # there is no user yogi here
    for tool in tools.iterdir():
        tool.chmod(0o755)
    etc = home.path / "etc"
    env = {"YOGI_ETC": str(etc), "PATH": f"{tools}:{os.environ['PATH']}"}
    host = home.root / "deploy/systemd/host"
    equal(home.run(home.real, "keys", "new", "broker", "--role", "broker").code, 0)
    equal(home.run(home.real, "keys", "new", "host-1", "--role", "actor:ocr").code, 0)
    joined = home.run(host, "join", "tcp://10.0.0.1:4010", "host-1.cert_secret", "broker.cert", "ocr", "llm", env=env)
    equal(joined.code, 0, joined.err)
    equal((etc / "actor-host.env").read_text().splitlines(),
          ["STAGES=ocr llm", "YOGI_BROKERS=tcp://10.0.0.1:4010", f"YOGI_KEYS={etc}/keys/host.cert_secret",
           f"YOGI_BROKER_KEY={etc}/keys/broker.cert"])
    equal((etc / "keys/host.cert_secret").read_bytes(), (home.path / "host-1.cert_secret").read_bytes())
    equal(home.run(host, "drain", env=env).code, 0)
    equal((home.path / "told").read_text().splitlines(),
          ["enable yogi-actor@host.service", "restart yogi-actor@host.service", "disable --now yogi-actor@host.service"])
    (tools / "journalctl").write_text('#!/bin/sh\necho "it does not let this key in"\n')
    (tools / "systemctl").write_text('#!/bin/sh\ncase $1 in restart) exec tail -f /dev/null ;; show) echo "no broker is heard" ;; esac\n')
    (tools / "journalctl").chmod(0o755)
    waits = home.run(host, "join", "tcp://10.0.0.1:4010", "host-1.cert_secret", "broker.cert", "ocr", env={**env, "YOGI_HOST_WAIT": "1"})
    equal((waits.code, waits.out), (1, ""), waits)
    for said in ("it does not let this key in", "not ready: no broker is heard", "It goes on trying", "journalctl -u yogi-actor@host"):
        contains(waits.err, said)
    for wrong in (["join"], ["join", "a", "host-1.cert", "broker.cert", "ocr"], ["leave"], ["drain", "now"]):
        assert home.run(host, *wrong, env=env).code in (1, 2), wrong


# ---- booted ----


class Machine:
    """A container with systemd as its first process, over this machine's own files and a layer on top of them."""

    def __init__(self, home):
        need("systemctl", "mount")
        self.home, self.root, self.engine = home, home.path / "root", Engine(home)

    def inside(self, *words):
        return self.engine.run("exec", self.name, *words)

    def type(self, command, codes=(0,)):
        """A line for root's shell, in root's home."""
        done = self.inside("sh", "-c", f"cd /root && {command}")
        if done.code not in codes:
            raise AssertionError(f"{command}\n{done}\n" + self.inside("journalctl", "--no-pager", "-n", "50", "-u", "yogi-*").out)
        return done.out

    def lay(self):
        """Files of this machine below, what is written above; in memory, as layers do not lie on every file system."""
        layers = self.home.path / "layers"
        layers.mkdir()
        self.root.mkdir()
        if self.home.run("mount", "-t", "tmpfs", "yogi", layers).code != 0:
            raise Skip("nothing can be mounted here")
        for name in ("upper", "work"):
            (layers / name).mkdir()
        for name in ("tmp", "run", "var/log/journal"):  # what changes meanwhile is not to be seen
            (layers / "upper" / name).mkdir(parents=True)
            os.setxattr(layers / "upper" / name, "trusted.overlay.opaque", b"y")
        masked = layers / "upper/etc/systemd/system"
        masked.mkdir(parents=True)
        for unit in HOSTS_OWN:
            (masked / unit).symlink_to("/dev/null")
        done = self.home.run("mount", "-t", "overlay", "yogi", "-o",
                             f"lowerdir=/,upperdir={layers}/upper,workdir={layers}/work", self.root)
        if done.code != 0:
            raise Skip(f"this file system cannot lie below another: {done.err.strip()}")

    def boot(self, network="none"):
        self.name = self.engine.start("yogi-machine", "--systemd=always", "--privileged", f"--network={network}", "--rootfs", self.root,
                                      "/lib/systemd/systemd", "--unit=basic.target")
        wait_for(lambda: self.inside("systemctl", "is-active", "basic.target").out.strip() == "active", "the boot",
                 seconds=SECONDS)

    def close(self):
        self.engine.close()
        for folder in (self.root, self.home.path / "layers"):
            subprocess.run(["umount", "-l", folder], capture_output=True, check=False)


@contextmanager
def machine(home):
    made = Machine(home)
    try:
        made.lay()
        yield made
    finally:
        made.close()


def hand_in(it, upload, fixture):
    """It is read, to its end; what is answered."""
    shutil.copy(it.home.root / "tests/fixtures/synth" / fixture, it.root / "root/week.pdf")  # a name says nothing
    document = json.loads(it.type(upload))
    assert document["status"] in ("completed", "needs_review") and document["timetables"][0]["timeblocks"], document
    return document


def check_one_machine(it, page):
    """Services that stand behind all that keeps them in, and a document that is read through HTTP; a killed broker is back."""
    it.type(page.take("systemctl enable"))
    it.type(page.take("systemctl enable"))
    active = it.inside("systemctl", "is-active", "yogi-broker", "yogi-gateway", *(f"yogi-actor@{s}" for s in STAGES))
    equal(active.out.split(), ["active"] * 7)
    contains(it.type("systemctl show -p StatusText yogi-broker"), "StatusText=")
    upload = page.take("curl ")
    hand_in(it, upload, FIXTURES[0])
    broker = it.type("systemctl show -P MainPID yogi-broker").strip()
    it.type(f"kill -KILL {broker}")
    wait_for(lambda: it.type("systemctl show -P MainPID yogi-broker").strip() not in ("0", broker) and
             it.inside("systemctl", "is-active", "yogi-broker").out.strip() == "active", "the broker", seconds=SECONDS)
    document = hand_in(it, upload, FIXTURES[1])
    contains(it.type(page.take("setpriv ")), "key ")
    check_bridge(it, page.take("systemctl enable"), page.take("yogi queue ls"))
    contains(it.type(page.take("journalctl ", {"DOCUMENT": document["documentId"]})), "run.begin")
    return upload


def check_bridge(it, enable, look):
    """It stands behind its walls, too, and fetches the queues of a Redis on the same machine."""
    if "yogi-bridge" not in programs(it.home) or not shutil.which("redis-server"):
        return
    it.type("systemctl start redis-server")
    it.type(enable)
    contains(it.type("systemctl show -p StatusText yogi-bridge"), "fetches its queues")
    contains(it.type(look), "classification")


def check_runbooks(it, page):
    """What somebody whom an alert has woken types; nothing of it is misspelt. A doctor may find something, a log may have no line."""
    for command in dict.fromkeys(page.take_all()):
        said = it.type(command, codes=(0, 1) if command.startswith(("yogi doctor", "journalctl")) else (0,))
        assert said, command


def check_joins_and_drains(it, page, text, upload):
    """The broker lets a host in by its key, which does the stages of two that were taken away, and is gone when it is told so."""
    it.type(page.take("yogi keys new broker"))
    it.type(page.take("chown "))
    it.type(page.take("touch "))
    for name, lines in re.findall(r"^# /etc/yogi/(\S+)\n((?:[A-Z_]+=.*\n)+)", text, re.M):
        with open(it.root / "etc/yogi" / name, "a") as settings:
            settings.write(lines)
    it.type(page.take("systemctl restart"))
    it.type("systemctl stop yogi-actor@ocr yogi-actor@llm")
    it.type(page.take("yogi keys new host-1"))
    it.type(page.take("systemctl reload"))
    it.type("cp /etc/yogi/keys/host-1.cert_secret /etc/yogi/keys/broker.cert .")
    it.type("YOGI_HOST_WAIT=100 " + page.take("yogi-host join", {"10.0.0.1": "127.0.0.1"}))
    equal(it.type("systemctl is-active yogi-actor@host").strip(), "active")
    read = hand_in(it, upload, FIXTURES[2])
    contains(it.type(f"journalctl -o cat -u 'yogi-*' | yogi logs {read['documentId']}"), "run.begin", "it was read, not remembered")
    it.type(page.take("yogi-host drain"))
    equal(it.inside("systemctl", "is-active", "yogi-actor@host").out.strip(), "inactive")
    equal(it.inside("systemctl", "is-enabled", "yogi-actor@host").out.strip(), "disabled")


def check_uninstall(home, it):
    shutil.copy(home.root / "deploy/install", it.root / "root")
    it.type("systemctl start yogi-broker")
    it.type("sh install --uninstall")
    equal(it.inside("systemctl", "is-active", "yogi-broker").out.strip(), "inactive")
    equal(it.type("systemctl list-unit-files --no-legend 'yogi*'", codes=(0, 1)), "")
    assert (it.root / "etc/yogi/keys/host.cert_secret").exists() and (it.root / "var/lib/yogi").is_dir()


@runs("systemd/README.md", "One machine")
@runs("prometheus/README.md", starts=("systemctl ", "journalctl ", "yogi "))
@runs("systemd/README.md", "A machine more")
def test_boots_and_reads(home, one, runbooks, more):
    """The READMEs' commands on a booted machine; at the end nothing of it runs on, and nothing has failed."""
    with machine(home) as it:
        installed(home, it.root)
        with open(it.root / "etc/yogi/yogi.env", "a") as settings:
            settings.write("ASAN_OPTIONS=detect_leaks=0\nYOGI_WORKERS=1\n")
        it.boot()
        upload = check_one_machine(it, one)
        check_runbooks(it, runbooks)
        check_joins_and_drains(it, more, (home.root / "deploy/systemd/README.md").read_text(), upload)
        it.type("systemctl stop 'yogi-*'")
        equal(it.inside("pgrep", "-c", "yogi").out.strip(), "0")
        equal(it.type("systemctl list-units --failed --plain --no-legend 'yogi-*'"), "")
        check_uninstall(home, it)


@runs("systemd/README.md", "The package")
def test_package_comes_and_goes(home, page):
    """Installing starts nothing; an update starts anew what ran, and leaves settings and what was off alone; removed, services end
    and settings stay; purged, they go too. Documents nobody touches."""
    package = packed(home, page.take("cpack "))
    check_package(home, package)
    with machine(home) as it:
        shutil.copy(package, it.root / "root/yogi.deb")
        it.boot()
        # the man pages' index and the like are not renewed on a machine that is thrown away
        install = "dpkg --no-triggers -i yogi.deb"
        it.type(install)
        equal(it.type("systemctl list-units --plain --no-legend 'yogi-*'"), "")
        equal(it.type("yogi version"), home.run(home.real, "version").out)
        it.type("echo ASAN_OPTIONS=detect_leaks=0 >> /etc/yogi/yogi.env && mkdir -p /var/lib/yogi/blobs && echo a week > /var/lib/yogi/blobs/document")
        it.type("systemctl enable --now yogi-broker")
        before = it.type("systemctl show -P MainPID yogi-broker")
        it.type(install)
        wait_for(lambda: it.inside("systemctl", "is-active", "yogi-broker").out == "active\n", "the broker", seconds=SECONDS)
        assert it.type("systemctl show -P MainPID yogi-broker") != before, "the old program runs on"
        equal(it.inside("systemctl", "is-active", "yogi-gateway").out, "inactive\n")
        contains((it.root / "etc/yogi/yogi.env").read_text(), "ASAN_OPTIONS")
        it.type("dpkg --no-triggers -r yogi")
        equal(it.inside("systemctl", "is-active", "yogi-broker").out, "inactive\n")
        assert (it.root / "etc/yogi/yogi.env").exists() and not (it.root / "usr/lib/yogi").exists()
        it.type("dpkg --no-triggers -P yogi")
        equal([path.name for path in (it.root / "etc/yogi").glob("*.env")], [])
        assert (it.root / "var/lib/yogi/blobs/document").exists(), "documents are gone"


if __name__ == "__main__":
    main(sys.modules[__name__])
