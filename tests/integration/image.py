#!/usr/bin/python3
"""The image: the closure of what the programs need, small, without a shell; it runs as nobody in particular on a root that cannot
be written, reads a page, and says how it does. YOGI_LONG=1 builds it by deploy/Containerfile from Debian's packages alone."""
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager

import images
from harness import SECONDS, Skip, contains, equal, main, wait_for
from podman import Engine

FIXTURE = "tests/fixtures/synth/syn-39-png.png"
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


def typed(home, podman):
    """The README's commands of podman, as they stand there but for this test's store, and a network, which it has none of."""
    text = (home.root / "deploy/container/README.md").read_text()
    commands = re.findall(r"^    podman (?!build)(.+)$", text, re.M)
    return [" ".join(map(str, podman.command)) + " " + c.replace("-p 4000:4000", "--network=none -e YOGI_WORKERS=1 -e ASAN_OPTIONS=detect_leaks=0")
            for c in commands]


def shell(home, command):
    return home.run("sh", "-c", command, env={"CONTAINERS_CONF": f"{home.path}/containers.conf"})


def check_readme(home, podman):
    shutil.copy(home.root / FIXTURE, home.path / "week.png")
    read, up, token, health = typed(home, podman)
    got = shell(home, read)
    equal(got.code, 0, got.err)
    own = home.run(home.real, "read", "week.png", "--format", "json")
    blocks = [[(b["day"], b["name"], b["startTime"]) for b in json.loads(r.out)["timetables"][0]["timeblocks"]] for r in (got, own)]
    equal(*blocks)
    podman.names.append("yogi")
    equal(shell(home, up).code, 0)
    wait_for(lambda: shell(home, health).code == 0, "a healthy container", seconds=SECONDS)
    made = shell(home, token)
    equal(made.code, 0, made)
    assert len(made.out.split()) > 1, made


def check_image(home, podman, image):
    """What the Containerfile promises, on a read-only root without a right."""
    seen = json.loads(podman.run("image", "inspect", image).out)[0]
    equal(seen["Config"]["User"], "65532:65532")
    equal(seen["Config"]["Entrypoint"], ["/usr/bin/yogi"])
    assert seen["Config"]["Labels"]["org.opencontainers.image.title"] == "Yogi", seen["Config"]["Labels"]
    check_readme(home, podman)
    name = podman.start("yogi-image", *READ_ONLY, "--tmpfs", "/run/yogi", "-e", "YOGI_WORKERS=1", "-e", "ASAN_OPTIONS=detect_leaks=0", image, "up")
    wait_for(lambda: podman.run("healthcheck", "run", name).code == 0, "a healthy container", seconds=SECONDS)
    contains(podman.run("exec", name, "yogi", "health", "--ready").out, "alive: is ready")
    contains(podman.run("exec", name, "yogi", "doctor", "--json").out, "seccomp")
    equal(podman.run("stop", "-t", "60", name).code, 0)
    equal(podman.run("wait", name).out.strip(), "0", podman.run("logs", name))


def test_image_runs(home):
    """The last stage of the Containerfile over the closure of this build."""
    with engine(home, images=images.store(home)) as podman:
        check_image(home, podman, "yogi")


def test_image_from_packages(home):
    """The whole Containerfile over a Debian that mmdebstrap has made: minutes, so only when asked for."""
    if not os.environ.get("YOGI_LONG"):
        raise Skip("it takes a quarter of an hour: YOGI_LONG=1")
    if not shutil.which("mmdebstrap"):
        raise Skip("there is no mmdebstrap here")
    sources = "/etc/apt/sources.list.d/debian.sources"
    base = home.path / "base.tar"
    subprocess.run(["mmdebstrap", "--variant=apt", "--include=ca-certificates", "bookworm", base, sources], check=True,
                   timeout=1800)
    with engine(home) as podman:
        equal(podman.run("import", base, "debian-base").code, 0)
        base.unlink()
        command = [*podman.command, "build", "--format", "docker", "--network=host", "--build-arg", "BASE=localhost/debian-base",
                   "-f", home.root / "deploy/Containerfile", "-t", "yogi", home.root]
        subprocess.run(command, check=True, timeout=3600, env=home.environment({"CONTAINERS_CONF": f"{home.path}/containers.conf"}))
        saved = subprocess.run(["sh", "-c", " ".join(map(str, podman.command)) + " save yogi | gzip -6 | wc -c"],
                               capture_output=True, check=True).stdout
        print(f"the image has {int(saved) / 1e6:.1f} MB compressed")
        assert int(saved) <= SIZE_MOST
        check_image(home, podman, "yogi")


if __name__ == "__main__":
    main(sys.modules[__name__])
