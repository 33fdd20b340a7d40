#!/usr/bin/python3
"""The sandbox of the workers, from inside: a worker whose document tells it what to break out by (tests/tools/trial_breakout.c)
is refused or ended, and the cause is told; as root and as an ordinary user, and on kernels that lack a part of it."""
import ctypes
import json
import os
import platform
import re
import shutil
import subprocess
import sys

from harness import SKIP, Skip, contains, equal, main

STRICT = {"YOGI_SANDBOX": "strict"}
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

# attempts after which the process is ended; the name of the system call stands in the cause
ENDED = {"socket": "socket", "unix": "socket", "connect": "connect", "message": "sendmsg", "exec /bin/sh": "execve",
         "vfork": "vfork", "ptrace": "ptrace", "memory": "process_vm_readv", "kill": "kill", "tgkill": "tgkill",
         "file": "memfd_create", "limit": "prlimit64", "namespace": "unshare", "keys": "keyctl", "ring": "io_uring_setup",
         "fork": "clone", "truncate HERE": "open"}
# attempts that are refused and go no further
REFUSED = {"read /etc/passwd": "Permission denied", "read /proc/1/environ": "Permission denied",
           "parent": "Permission denied", "read HERE": "Permission denied", "list /": "Permission denied",
           "list /proc": "Permission denied", "list /tmp": "Permission denied",
           "write HERE": "Operation not permitted", "write /dev/null": "Operation not permitted",
           "remove HERE": "Operation not permitted", "code": "Operation not permitted",
           "code-later": "Operation not permitted"}


def instrumented(home):
    return "address" in (home.build / "CMakeCache.txt").read_text().split("YOGI_SANITIZE:STRING=")[1].split("\n")[0]


def need_landlock():
    if ctypes.CDLL(None).syscall(444, None, 0, 1) < 1:
        raise Skip("this kernel has no Landlock")


def need_root():
    if os.geteuid() != 0:
        raise Skip("only root can become another user")


def attempts(home, wishes, prefix=(), env=STRICT):
    """Runs each wish as a document of its own; {wish: (name of the fault or None, message)}."""
    need_landlock()
    home.path.chmod(0o755)
    mark = home.path / "mark"
    mark.write_text("precious")
    mark.chmod(0o666)
    names = [home.file(f"w{i:02d}", "try " + wish.replace("HERE", str(mark))) for i, wish in enumerate(wishes)]
    words = [*prefix, str(home.trial), "read", "--workers", "2", *names, home.file("last", "x")]
    got = home.run(*words, env=env)
    outcomes = [json.loads(line)["outcome"] for line in got.out.splitlines()]
    equal(len(outcomes), len(names) + 1, got)
    equal(outcomes[-1]["error"], None, got)  # whatever the others did, the last document is read
    equal(mark.read_text(), "precious")
    return {wish: (o["error"], o.get("message")) for wish, o in zip(wishes, outcomes)}


def check_all(home, prefix=()):
    for wish, (error, message) in attempts(home, list(ENDED), prefix).items():
        equal(error, "crashed", f"{wish}: {message}")
        contains(message, "classification: the worker was ended by its sandbox: the sandbox forbids system call", wish)
        contains(message, f"({ENDED[wish]}", wish)
    refused = dict(REFUSED)
    if not instrumented(home):  # a sanitizer's report needs the process's own maps
        refused["read /proc/self/mem"] = refused["read /proc/self/exe"] = "Permission denied"
    for wish, (error, message) in attempts(home, list(refused), prefix).items():
        equal((error, message), ("system", f"refused: {refused[wish]}"), wish)


def test_every_way_out(home):
    check_all(home)


def test_every_way_out_as_nobody(home):
    need_root()
    check_all(home, NOBODY)


def test_ways_past_the_filter(home):
    """Other system call tables, and taking away the handler that names a forbidden call: the kernel kills at once."""
    for wish, (error, message) in attempts(home, ["x32", "i386", "handler"]).items():
        equal(error, "crashed", f"{wish}: {message}")
        if not (wish == "i386" and "signal 11" in message):  # a kernel without these calls answers with SIGSEGV
            contains(message, "the worker was ended by its sandbox", wish)


def test_threads(home):
    """A stage that takes the document's bytes may start a thread (HEIC needs one); others may not: integration.crew."""
    need_landlock()
    home.file("a", "try thread")
    equal(home.run(home.trial, "read", "a", env=STRICT).code, 0)


def test_the_sandbox_stays_shut(home):
    """Nothing but the one word opens it, and a worker serves nobody but a supervisor."""
    for words in (["llm", "opened"], ["llm", "open", "more"], ["llm", "off"], []):
        got = home.run(home.real.parent / "yogi-worker", *words)
        equal(got.code, 2, got)


def test_limits(home):
    (error, message), = attempts(home, ["limits"]).values()
    found = dict(re.findall(r"(\w+) (-?\d+)", message))
    equal((found["file"], found["core"], found["descriptors"]), ("0", "0", "64"), message)
    if not instrumented(home):
        assert 2 << 30 < int(found["space"]) < 8 << 30, message


def test_huge_allocation(home):
    if instrumented(home):
        raise Skip("the address sanitizer needs 20 TB of address space for itself")
    (error, message), = attempts(home, ["huge"]).values()
    equal((error, message), ("system", "refused: Cannot allocate memory"))


def test_a_loop_ends_by_its_cpu_time(home):
    need_landlock()
    home.file("loop", "spin")
    got = home.run(home.trial, "read", "loop", env={**STRICT, "YOGI_JOB_CPU_SECONDS": "1"})
    equal(got.code, 9, got)
    contains(got.err, "the work took more than 1 s of CPU time (YOGI_JOB_CPU_SECONDS)")


def test_leaks_are_told_from_inside(home):
    """The sanitizers' check at the end of a worker works in the sandbox: its finding reaches the log."""
    if not instrumented(home):
        raise Skip("built without sanitizers")
    home.file("leak", "leak")
    got = home.run(home.trial, "read", "leak")
    contains(got.err, "worker.gone")
    contains(got.err, "detected memory leaks")


# ---- real documents ----


def samples(home, kinds):
    fixtures = home.root / "tests" / "fixtures"
    names = ["intake/base.heic"]
    for kind in kinds:
        names.append(str(min((fixtures / "synth").glob(f"*.{kind}"), key=lambda p: p.stat().st_size).relative_to(fixtures)))
    return [fixtures / name for name in names]


def read_strictly(home, kinds, prefix=()):
    """Real documents give the same in the sandbox as outside."""
    need_landlock()
    home.path.chmod(0o777)
    paths = samples(home, kinds)
    shut = home.run(*prefix, home.real, "read", *paths, env=STRICT)
    opened = home.run(home.real, "read", *paths, env={"YOGI_SANDBOX": "off"})
    equal(shut.out, opened.out)
    contains(shut.err, f"{len(kinds)} read")


def test_documents_of_every_kind(home):
    read_strictly(home, ("png", "jpg", "pdf", "docx", "xlsx"))


def test_documents_as_nobody(home):
    need_root()
    read_strictly(home, ("png", "docx"), NOBODY)


def test_restricted_container(home):
    """As below a `restricted` pod: a root that cannot be written, an ordinary user, no capability, no new privileges."""
    need_root()
    inner = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all",
             "--inh-caps=-all"]
    script = 'mount --bind / / && mount -o remount,ro,bind / && cd / && exec "$@"'
    prefix = ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", script, "sh", *inner]
    if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
        raise Skip("no mount namespace here")
    read_strictly(home, ("png", "pdf"), prefix)


def container(home, program):
    """Configuration of a container by the OCI runtime specification, as restricted as a pod can be: nobody, no capability, no
    new privileges, a root that cannot be written, no network, and the filter of system calls that Podman starts with."""
    profile = json.loads(open("/usr/share/containers/seccomp.json").read())
    calls = []
    for rule in profile["syscalls"]:
        includes = rule.get("includes") or {}
        if includes.get("caps") or includes.get("minKernel") or "amd64" not in includes.get("arches", ["amd64"]):
            continue
        keys = ("names", "action") + (("errnoRet",) if rule.get("errnoRet") is not None else ())
        calls.append({**{key: rule[key] for key in keys},
                      "args": [{key: argument[key] for key in ("index", "value", "valueTwo", "op")}
                               for argument in rule.get("args") or []]})
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(home.path / "root"), "readonly": True},
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                   {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]}],
        "process": {"user": {"uid": 65534, "gid": 65534}, "cwd": "/", "args": list(map(str, program)), "noNewPrivileges": True,
                    "env": ["PATH=/usr/bin:/bin", "YOGI_SANDBOX=strict", f"LSAN_OPTIONS={home.environment()['LSAN_OPTIONS']}"],
                    "capabilities": {"bounding": [], "effective": [], "permitted": []}},
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")],
                  "seccomp": {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile.get("defaultErrnoRet", 38),
                              "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": calls}}}


def test_container(home):
    """The same as outside below a real container runtime."""
    need_root()
    need_landlock()
    if not shutil.which("runc") or not os.path.exists("/usr/share/containers/seccomp.json") or platform.machine() != "x86_64":
        raise Skip("no runc and filter of a runtime here (packages runc, golang-github-containers-common)")
    paths = samples(home, ("png", "docx"))
    (home.path / "root").mkdir()

    def contain(*program):
        home.file("config.json", json.dumps(container(home, program)))
        script = f'mount --bind / "{home.path}/root" && exec runc run "yogi-test-{os.getpid()}"'
        return home.run("unshare", "--mount", "--propagation", "private", "sh", "-c", script)

    probe = contain("true")
    if probe.code != 0:
        raise Skip(f"no container here: {probe.err[:300]}")
    got = contain(home.real, "read", *paths)
    opened = home.run(home.real, "read", *paths, env={"YOGI_SANDBOX": "off"})
    equal(got.out, opened.out, got)
    contains(got.err, "2 read")


def test_overlay(home):
    need_landlock()
    sample = min((home.root / "tests/fixtures/synth").glob("*.pdf"), key=lambda p: p.stat().st_size)
    got = home.run(home.real, "read", sample, "--overlay", "look.png", env=STRICT)
    equal(got.code, 0, got)
    equal((home.path / "look.png").read_bytes()[:4], b"\x89PNG")


# ---- kernels that lack something ----


def lacking(home, what, setting):
    home.file("a", "x")
    got = home.run(home.build / "bin" / "lacking", what, home.trial, "read", "a", "a", env={"YOGI_SANDBOX": setting})
    if got.code == SKIP:
        raise Skip("no seccomp on this machine")
    return got


def test_missing_protection_is_told(home):
    for what, words in {"landlock": ["files (no Landlock"], "seccomp": ["system calls (no seccomp filter"],
                        "both": ["files (no Landlock", "system calls (no seccomp filter"]}.items():
        got = lacking(home, what, "on")
        equal(got.code, 0, got)
        notes = [line for line in got.err.splitlines() if "sandbox is incomplete" in line]
        equal(len(notes), 1, got)
        for part in words:
            contains(notes[0], part)


def test_missing_protection_refuses_when_strict(home):
    for what, part in {"landlock": "files (no Landlock", "seccomp": "system calls (no seccomp filter"}.items():
        got = lacking(home, what, "strict")
        equal(got.code, 1, got)
        contains(got.err, "YOGI_SANDBOX is strict")
        contains(got.err, part)
        equal([json.loads(line)["outcome"]["error"] for line in got.out.splitlines()], ["system", "system"])


def test_what_is_left_still_protects(home):
    """Without Landlock no file can be written and no socket made; without seccomp no file can be read; without both no file
    can grow."""
    home.file("a", "try socket")
    home.file("b", "try write /dev/null")
    got = home.run(home.build / "bin" / "lacking", "landlock", home.trial, "read", "a", "b")
    contains(got.err, "forbids system call")
    contains(got.err, "b: refused: Operation not permitted")
    home.file("c", "try read /etc/passwd")
    need_landlock()
    got = home.run(home.build / "bin" / "lacking", "seccomp", home.trial, "read", "c")
    contains(got.err, "c: refused: Permission denied")
    home.file("d", "try file")
    got = home.run(home.build / "bin" / "lacking", "both", home.trial, "read", "d")
    contains(got.err, "File size limit exceeded")


def test_off(home):
    home.file("a", "try read /etc/passwd")
    home.file("b", "try socket")
    got = home.run(home.trial, "read", "a", "b", env={"YOGI_SANDBOX": "off"})
    equal(got.code, 0, got)
    got = home.run(home.trial, "read", "a", env={"YOGI_SANDBOX": "no"})
    equal(got.code, 2, got)
    contains(got.err, 'YOGI_SANDBOX: must be one of on|strict|off, not "no"')


if __name__ == "__main__":
    main(sys.modules[__name__])
