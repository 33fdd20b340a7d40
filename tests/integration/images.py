#!/usr/bin/python3
"""images: what the manifests of deploy/ run, as images of podman in a store of the build's folder, which tests mount and leave as it is:

    yogi                             the last stage of deploy/Containerfile over the closure of this build
    postgres:15 redis:7 minio/minio  the servers that Debian has, from the packages of this machine, behind as much of the contract of
                                     the images of those names as the manifests use (tests/pods; minio is Ceph's radosgw)

    images.py BUILD      makes what is missing or older than what it is of; the fixture `images` of ctest
    images.store(home)   the store, for podman.Engine
"""
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness import Home, Skip, contains, equal
from podman import Engine
from postgres import programs as postgres_programs

SERVERS = {"postgres:15": "postgres", "redis:7": "redis", "minio/minio:latest": "minio"}  # and their file in tests/pods
STAGES = {  # how each starts, in the words of a Containerfile
    "postgres": "ENV PGDATA=/var/lib/postgresql/data\nSTOPSIGNAL SIGINT\nEXPOSE 5432\nCOPY postgres /usr/local/bin/entrypoint\n"
                'ENTRYPOINT ["entrypoint"]\nCMD ["postgres"]\n',
    "redis": 'WORKDIR /data\nEXPOSE 6379\nCOPY redis /usr/local/bin/entrypoint\nENTRYPOINT ["entrypoint"]\nCMD ["redis-server"]\n',
    "minio": 'EXPOSE 9000\nCOPY minio /usr/local/bin/minio\nCOPY minio /usr/local/bin/mc\nENTRYPOINT ["minio"]\n',
}
USERS = {"root": 0, "postgres": 999, "redis": 998, "nobody": 65534}
TOOLS = ("sh", "env", "id", "cat", "mkdir", "rm", "chown", "mktemp", "basename", "cut", "sleep", "sha256sum", "setpriv", "curl", "locale")
HEAVY = ("llvmjit.so", "bitcode")  # a compiler of 140 MB, for queries of minutes
CEPH = ("monmaptool", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin")


# ---- what Debian's servers need of this machine ----


def needed(program):
    path = shutil.which(program)
    if not path:
        raise Skip(f"{program} is not here (tests/packages)")
    return path


def put(root, path):
    """A file or folder of this machine at its place, as what it is and not as a link."""
    place = root / os.path.realpath(os.path.dirname(path)).lstrip("/") / os.path.basename(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    if os.path.isdir(path):
        shutil.copytree(path, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*HEAVY))
    elif not place.exists():
        shutil.copy2(path, place)


def put_servers(root):
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    home = postgres_programs().parent
    libraries = os.path.dirname(re.search(r"/\S*/libc\.so\.6", shown("ldd", needed("sh")))[0])
    loaded = [*(path for path in home.glob("lib/*.so") if path.name not in HEAVY), *Path(libraries).glob("rados-classes/*.so"), *Path(libraries).glob("ceph/**/*.so")]
    started = [*map(needed, (*TOOLS, "redis-server", "redis-cli", *CEPH)),
               *(str(home / "bin" / n) for n in ("postgres", "initdb", "pg_ctl", "psql", "pg_isready"))]
    said = shown("ldd", *started, *(str(path) for path in loaded))
    assert "not found" not in said, said
    for path in sorted({*started, *re.findall(r"(?:=> |^\t)(/\S+)", said, re.M)}):
        put(root, path)
    for path in (home / "lib", Path(libraries) / "rados-classes", Path(libraries) / "ceph", str(home).replace("/lib/", "/share/"),
                 "/usr/share/zoneinfo", "/usr/lib/locale/C.utf8", "/etc/nsswitch.conf", "/etc/os-release"):
        put(root, str(path))
    for path in (home / "bin").iterdir():
        if (root / str(path).lstrip("/")).exists():
            (root / "usr/bin" / path.name).symlink_to(path)


def put_users(root):
    for name in ("etc", "tmp", "run", "proc", "sys", "dev", "var/lib"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "var/run").symlink_to("/run")
    (root / "etc/passwd").write_text("".join(f"{name}:x:{number}:{number}::/:/bin/sh\n" for name, number in USERS.items()))
    (root / "etc/group").write_text("".join(f"{name}:x:{number}:\n" for name, number in USERS.items()))


def shown(*command):
    return subprocess.run(command, capture_output=True, check=True, timeout=100, text=True).stdout


def build(podman, folder, name):
    made = podman.run("build", "--format", "docker", "--network=none", "-t", name, "-f", folder / "Containerfile", folder)
    if made.code != 0:
        raise Skip(f"no image can be built here: {made.err.strip()[-300:]}")


def make_servers(home, podman):
    folder = home.path / "servers"
    put_servers(folder / "root")
    put_users(folder / "root")
    (folder / "Containerfile").write_text("FROM scratch\nCOPY root/ /\nENV PATH=/usr/bin:/usr/sbin:/usr/local/bin LC_ALL=C.UTF-8\n")
    build(podman, folder, "servers")
    for name, file in SERVERS.items():
        shutil.copy(home.root / "tests/pods" / file, folder)
        (folder / "Containerfile").write_text("FROM localhost/servers\n" + STAGES[file])
        (folder / ".dockerignore").write_text("root\n")
        build(podman, folder, name)


# ---- Yogi's own ----


def closed(home):
    """The image's file system, made of this build."""
    if os.geteuid() != 0:
        raise Skip("making an image's files needs root")
    folder = home.path / "image"
    done = home.run(home.root / "deploy/container/closure", "--build", home.build, folder)
    equal(done.code, 0, done.err)
    return folder


def make_yogi(home, podman):
    """The last stage of the Containerfile over the closure of this build."""
    closed(home)
    stage = (home.root / "deploy/Containerfile").read_text().split("\nFROM scratch\n")[1]
    text = "FROM scratch\n" + re.sub(r"^COPY --from=build (.*?)/(image|data)/?", r"COPY \1\2/", stage, flags=re.M)
    home.file("data/.keep", "")
    contains(text, "COPY image/ /\n")
    home.file("Containerfile", text)
    build(podman, home.path, "yogi")
    podman.run("tag", "yogi", "yogi:" + home.run(home.real, "version").out.split()[1])  # as manifests name it


# ---- the store ----


def folder_of(home):
    return home.build / "images"


def store(home):
    """Where the images are, by the fixture `images`."""
    folder = folder_of(home)
    if not all((folder / f"{name}.made").exists() for name in MADE):
        raise Skip(f"there are no images: {Path(__file__).name} {home.build} makes them, and says what it misses")
    return folder / "store"


def age(paths):
    """What changes when one of the files does."""
    seen = sorted(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in paths)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def sources(home):
    own = [Path(__file__), home.root / "deploy/Containerfile", home.root / "deploy/container/closure", home.root / "deploy/install"]
    servers = [home.root / "tests/pods" / name for name in SERVERS.values()]
    installed = [Path(needed(name)) for name in ("redis-server", *CEPH)] + [postgres_programs() / "postgres"]
    return {"servers": [Path(__file__), *servers, *installed], "yogi": [*own, *home.build.glob("bin/yogi*")]}


MADE = {"servers": make_servers, "yogi": make_yogi}


@contextmanager
def alone(folder):
    """Nobody else makes images in it meanwhile."""
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(home):
    folder = folder_of(home)
    with alone(folder):
        for name, paths in sources(home).items():
            stamp, now = folder / f"{name}.made", age(paths)
            if stamp.exists() and stamp.read_text() == now:
                continue
            stamp.unlink(missing_ok=True)
            with tempfile.TemporaryDirectory(prefix="yogi-images-") as path:
                work = Home(home.build, path)
                podman = Engine(work, folder=folder)
                MADE[name](work, podman)
                podman.run("image", "prune", "-f")  # what had the name before
            stamp.write_text(now)


if __name__ == "__main__":
    try:
        make(Home(os.path.abspath(sys.argv[1]), tempfile.gettempdir()))
    except Skip as reason:
        print(f"no images: {reason}")  # each test that needs them says that it is skipped
