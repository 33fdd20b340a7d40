#!/usr/bin/python3
"""The image: the closure of what the programs need, small, without a shell; it runs as nobody in particular on a root that cannot
be written, reads a page, and says how it does. YOGI_LONG=1 builds it by deploy/Containerfile from Debian's packages alone, for both architectures."""
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import images
import papers
from harness import SECONDS, Skip, contains, equal, main, wait_for
from podman import Engine
from readme import commands, runs

FIXTURE = "tests/fixtures/synth/syn-39-png.png"
FOREIGN = ("syn-39-png.png", "syn-03-scan.pdf", "syn-04-photo.jpg", "syn-10-pdf.pdf", "syn-11-docx.docx", "syn-15-xlsx.xlsx")
SIZE_MOST = 150 * 1024 * 1024  # compressed
READ_ONLY = ("--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges", "--network=none")


@contextmanager
def engine(home, **more):
    made = Engine(home, **more)
    try:
        yield made
    finally:
        made.close()


def test_closure(home):
    image = images.closed(home)
    size = int(subprocess.run(["sh", "-c", f"tar -C {image} -c . | gzip -1 | wc -c"], capture_output=True, check=True).stdout)
    assert size <= SIZE_MOST, f"{size} bytes compressed"
    names = {str(p.relative_to(image)) for p in image.rglob("*")}
    assert "usr/lib/yogi/yogi-worker" in names and "usr/share/doc/yogi/sbom.spdx.json" in names
    equal([n for n in names if re.search(r"bin/(sh|bash|dash|apt|dpkg|python3?)$", n)], [], "no shell and no manager")
    equal([str(p) for p in image.rglob("*") if not p.is_symlink() and p.stat().st_mode & 0o6000], [], "nothing gives rights")
    parts = json.loads((image / "usr/share/doc/yogi/sbom.spdx.json").read_text())["packages"]
    found = {p["name"] for p in parts}
    assert {"yogi", "libc6", "libtesseract5", "libpoppler126", "tesseract-ocr-eng", "fonts-dejavu-core"} <= found, found
    assert all(p["versionInfo"] for p in parts)
    again = home.run(home.root / "deploy/container/closure", "--build", home.build, image)
    equal(again.code, 1, "a folder that is there is not mixed with")


def typed(podman, command):
    """A command of the README as it stands there, but for this test's store, and a network, which it has none of."""
    return command.replace("podman", " ".join(map(str, podman.command)), 1).replace(
        "-p 4000:4000", "--network=none -e YOGI_WORKERS=1 -e ASAN_OPTIONS=detect_leaks=0")


def shell(home, command):
    return home.run("sh", "-c", command, env={"CONTAINERS_CONF": f"{home.path}/containers.conf"})


def blocks(result):
    return [(b["day"], b["name"], b["startTime"], b["endTime"]) for b in json.loads(result.out)["timetables"][0]["timeblocks"]]


def check_readme(home, podman, commands):
    shutil.copy(home.root / FIXTURE, home.path / "week.png")
    read, up, token, health = (typed(podman, command) for command in commands)
    got = shell(home, read)
    equal(got.code, 0, got.err)
    equal(blocks(got), blocks(home.run(home.real, "read", "week.png", "--format", "json")))
    podman.names.append("yogi")
    equal(shell(home, up).code, 0)
    wait_for(lambda: shell(home, health).code == 0, "a healthy container", seconds=SECONDS)
    contains(shell(home, token).out, "key ")


def check_image(home, podman, image, commands):
    """What the Containerfile promises, on a read-only root without a right."""
    seen = json.loads(podman.run("image", "inspect", image).out)[0]
    equal(seen["Config"]["User"], "65532:65532")
    equal(seen["Config"]["Entrypoint"], ["/usr/bin/yogi"])
    assert seen["Config"]["Labels"]["org.opencontainers.image.title"] == "Yogi", seen["Config"]["Labels"]
    check_readme(home, podman, commands)
    page = papers.pdf_pages(1)  # it brings no font of its own
    got = podman.run("run", "--rm", "-i", *READ_ONLY, image, "read", "-", "--format", "json", stdin=page)
    equal(blocks(got), blocks(home.run(home.real, "read", "-", "--format", "json", stdin=page)))
    name = podman.start("yogi-image", *READ_ONLY, "--tmpfs", "/run/yogi", "-e", "YOGI_WORKERS=1", "-e", "ASAN_OPTIONS=detect_leaks=0", image, "up")
    wait_for(lambda: podman.run("healthcheck", "run", name).code == 0, "a healthy container", seconds=SECONDS)
    contains(podman.run("exec", name, "yogi", "health", "--ready").out, "alive: is ready")
    looked = podman.run("exec", name, "yogi", "doctor", "--json").out
    contains(looked, "seccomp")
    levels = {check["check"]: check["level"] for check in json.loads(looked)["checks"]}
    equal({name: levels.get(name) for name in ("models", "fonts")}, {"models": "ok", "fonts": "ok"}, looked)
    equal(podman.run("stop", "-t", "60", name).code, 0)
    equal(podman.run("wait", name).out.strip(), "0", podman.run("logs", name))


RUNS = ("podman run ", "podman exec ")


@runs("container/README.md", starts=RUNS)
def test_image_runs(home, page):
    """The last stage of the Containerfile over the closure of this build."""
    with engine(home, images=images.store(home)) as podman:
        check_image(home, podman, "yogi", page.take_all())


def debian(home, podman):
    """A Debian that mmdebstrap has made, as an image. It trusts whom this machine trusts, and does not wait for its disk."""
    if not os.environ.get("YOGI_LONG"):
        raise Skip("it takes a quarter of an hour: YOGI_LONG=1")
    if not shutil.which("mmdebstrap"):
        raise Skip("there is no mmdebstrap here")
    own = " ".join(map(str, Path("/usr/local/share/ca-certificates").glob("*.crt")))
    trust = [f"--customize-hook=copy-in {own} /usr/local/share/ca-certificates", "--customize-hook=chroot \"$1\" update-ca-certificates"]
    base = home.path / "base.tar"
    subprocess.run(["mmdebstrap", "--quiet", "--variant=apt", "--include=ca-certificates", "--dpkgopt=force-unsafe-io", *(trust if own else []),
                    "bookworm", base, "/etc/apt/sources.list.d/debian.sources"], check=True, timeout=1800)
    equal(podman.run("import", base, "debian-base").code, 0)
    base.unlink()


def build(home, podman, command):
    """The README's command over that Debian."""
    more = "--network=host --build-arg BASE=localhost/debian-base"
    command = typed(podman, command).replace(" build ", f" build {more} ", 1)
    subprocess.run(command, shell=True, check=True, timeout=5400, cwd=home.root,
                   env=home.environment({"CONTAINERS_CONF": f"{home.path}/containers.conf"}))
    saved = shell(home, typed(podman, "podman save yogi | gzip -6 | wc -c")).out
    print(f"the image has {int(saved) / 1e6:.1f} MB compressed")
    assert int(saved) <= SIZE_MOST


@runs("container/README.md", starts="podman build --format docker -f")
def test_image_from_packages(home, page):
    """The whole Containerfile: minutes, so only when asked for."""
    with engine(home) as podman:
        debian(home, podman)
        build(home, podman, page.take())
        contains(podman.run("run", "--rm", *READ_ONLY, "yogi", "queue", "--help").out, "Usage: yogi queue", "the bridge was built")
        check_image(home, podman, "yogi", [c.text for c in commands(home.root) if c.text.startswith(RUNS)])


def qemu_of(machine):
    qemu = shutil.which(f"qemu-{machine}-static")
    if not qemu:
        raise Skip(f"there is no qemu-{machine}-static here (the package qemu-user-static)")
    return qemu


@contextmanager
def foreign(home, machine, magic):
    """This machine's kernel gives programs of another processor to qemu meanwhile."""
    qemu, table = qemu_of(machine), Path("/proc/sys/fs/binfmt_misc")
    if not (table / "register").exists() and home.run("mount", "-t", "binfmt_misc", "binfmt_misc", table).code != 0:
        raise Skip("this kernel runs no foreign programs (binfmt_misc)")
    name = f"yogi-{machine}-{os.getpid()}"
    mask = r"\xff" * 7 + r"\x00" + r"\xff" * 8 + r"\xfe\xff\xff\xff"
    (table / "register").write_text(f":{name}:M::{magic}:{mask}:{qemu}:F")
    try:
        yield
    finally:
        if (table / name).exists():  # whoever boots a system may have emptied the table
            (table / name).write_text("-1")


@runs("container/README.md", starts="podman build --format docker --platform linux/arm64")
def test_image_of_arm64(home, page):
    """The same for the other architecture: built by the cross compiler, run by qemu, it reads what this machine's own build reads."""
    if platform.machine() != "x86_64":
        raise Skip("this machine is of that architecture, or of a third one")
    qemu_of("aarch64")
    with engine(home) as podman:
        debian(home, podman)
        build(home, podman, page.take())
        equal(json.loads(podman.run("image", "inspect", "yogi").out)[0]["Architecture"], "arm64")
        with foreign(home, "aarch64", r"\x7fELF\x02\x01\x01" + r"\x00" * 9 + r"\x02\x00\xb7\x00"):
            for name in FOREIGN:
                written = (home.root / "tests/fixtures/synth" / name).read_bytes()
                got = podman.run("run", "--rm", "-i", *READ_ONLY, "yogi", "read", "-", "--format", "json", stdin=written, seconds=10 * SECONDS)
                equal(got.code, 0, got.err)
                equal(blocks(got), blocks(home.run(home.real, "read", "-", "--format", "json", stdin=written)), name)


if __name__ == "__main__":
    main(sys.modules[__name__])
