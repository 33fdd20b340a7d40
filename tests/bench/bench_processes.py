"""bench_processes: brokers, hosts and peers as processes for tests/bench/actors and gateway, the CPU time and memory that they take, and how busy the
rest of the machine is. Nothing is pinned to a core, no other load is stopped: figures are medians over turns."""
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

SECONDS = 120  # of one run at most
TESTS = Path(__file__).resolve().parents[1]


def cpu_us(pids):
    """CPU time of these processes so far, microseconds, all their threads."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1000


def stats():
    """Of all processes: pid -> (parent, CPU time in microseconds with that of children that have ended and been waited for)."""
    seen, tick_us = {}, 1e6 / os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                seen[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])) * tick_us)
            except OSError:
                continue
    return seen


def tree(roots, seen=None):
    """These processes and all their descendants."""
    seen, wanted, found = seen or stats(), list(roots), []
    while wanted:
        pid = wanted.pop()
        found.append(pid)
        wanted += [child for child, (parent, _) in seen.items() if parent == pid]
    return found


def tree_cpu_us(roots):
    """CPU time of these processes and all their descendants so far."""
    seen = stats()
    return sum(seen[pid][1] for pid in tree(roots, seen) if pid in seen)


def children(pid):
    return [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


def pss_kb(pid):
    return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


def switches(pid):
    """How often its threads gave up their core so far: once for each time that they were woken."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)[1])
    return total


def figures(line):
    """A line of "name=number" as a dictionary."""
    return {name: float(value) for name, value in re.findall(r"([\w/]+)=([-\d.]+)", line)}


class Load:
    """How many cores others used meanwhile: all that the machine did, less our own processes, which have ended and been waited for."""

    def __init__(self):
        self.start, self.busy, self.own = time.monotonic(), self.machine(), self.ours()

    @staticmethod
    def machine():
        user, nice, system, _, _, irq, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
        return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def ours():
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    def others(self, more=0.0):
        """more: CPU seconds of processes of ours that go on."""
        used = (self.machine() - self.busy) - (self.ours() - self.own) - more
        return max(0.0, used / (time.monotonic() - self.start))


class Place:
    """A directory of its own, and the processes that were started in it."""

    def __init__(self, build, path):
        self.build, self.path, self.processes = build, Path(path), []

    def start(self, program, *arguments, **settings):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("YOGI_")}
        process = subprocess.Popen([str(program), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   cwd=self.path, env={**kept, "LC_ALL": "C.UTF-8", **settings})
        self.processes.append(process)
        return process

    def broker(self, stages, ipc=False, number=0, **settings):
        """Started and ready; its endpoint is process.endpoint."""
        listen = f"ipc://{self.path}/broker{number}" if ipc else "tcp://127.0.0.1:*"
        process = self.start(self.build / "bin/yogi-broker", YOGI_BROKER_LISTEN=listen, YOGI_BROKER_STAGES=stages, **settings)
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit(f"the broker does not start: {line}")
        process.endpoint = line.split()[1]
        return process

    def drive(self, endpoints, documents, stages, *options):
        """Connected and ready to go; finish() lets it go."""
        process = self.start(self.build / "bin/drive", *options, endpoints, documents, stages)
        if process.stdout.readline() != "go\n":
            raise SystemExit("drive does not start")
        return process

    def stats(self, broker):
        """The broker's own figures."""
        done = subprocess.run([self.build / "bin/yogi-stats", "--json"], capture_output=True, text=True, timeout=60, cwd=self.path,
                              env={"PATH": os.environ["PATH"], "YOGI_BROKERS": broker.endpoint})
        return json.loads(done.stdout)["figures"] if done.returncode == 0 else {"jobs": -1}

    @staticmethod
    def finish(drive):
        out, _ = drive.communicate("\n", timeout=SECONDS)
        if drive.returncode != 0:
            raise SystemExit(f"drive ended with {drive.returncode}")
        return figures(out)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


@contextmanager
def place(build):
    with tempfile.TemporaryDirectory(prefix="yogi-bench-") as path:
        made = Place(build, path)
        try:
            yield made
        finally:
            made.close()


class Redis:
    """A server that saves nothing, and what it is asked."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                                         "--dir", str(folder)], stdout=subprocess.DEVNULL)
        self.pid, until = self.process.pid, time.monotonic() + 20
        while True:
            try:
                self.connection = socket.create_connection(("127.0.0.1", self.port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > until:
                    raise SystemExit("redis-server does not start")
                time.sleep(0.01)
        self.answers = self.connection.makefile("rb")

    def ask(self, *words):
        """The answer of a command that answers with a line or a number."""
        self.connection.sendall(" ".join(map(str, words)).encode() + b"\r\n")
        line = self.answers.readline().decode().strip()
        if line[:1] not in "+:":
            raise SystemExit(f"Redis answers {words[0]} with {line}")
        return int(line[1:]) if line[0] == ":" else line[1:]

    def close(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()


def node_programs(build):
    """The folder in which the programs of tests/bench/bullmq can run, beside the packages of the tests; None, with a word, where it cannot
    be had."""
    if not (shutil.which("node") and shutil.which("npm") and shutil.which("redis-server")):
        print("  BullMQ: node, npm or redis-server is not installed", flush=True)
        return None
    folder = build / "node"
    if subprocess.run([TESTS / "node/install", folder], capture_output=True, timeout=300).returncode != 0:
        print("  BullMQ: npm cannot install it", flush=True)
        return None
    shutil.rmtree(folder / "bench", ignore_errors=True)
    shutil.copytree(TESTS / "bench/bullmq", folder / "bench")
    return folder / "bench"


def node(folder, program, *arguments):
    """The figures that it prints; None when it fails."""
    done = subprocess.run(["node", folder / program, *map(str, arguments)], capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        print(f"  {program} {' '.join(map(str, arguments))}: {done.stderr.strip()[-500:]}", flush=True)
    return figures(done.stdout) if done.returncode == 0 else None


def say(what, value, unit, others, wanted=None, below=True):
    """One figure; what is wanted of it, if anything is."""
    line = f"  {what:<62} {value:>10,.2f} {unit:<9}"
    if wanted is not None:
        met = value <= wanted if below else value >= wanted
        line += f" wanted {'≤' if below else '≥'} {wanted:g}: {'met' if met else 'NOT YET'}"
    print(f"{line:<118} (other load {others:.1f})", flush=True)


def missing(what, why):
    print(f"  {what}: {why}", flush=True)


def median(values):
    return statistics.median(values)


def in_turns(turns, **runs):
    """Runs each of these functions `turns` times, in turn; the median of every figure that they give, and the other load as "others"."""
    seen = {name: [] for name in runs}
    for _ in range(turns):
        for name, run in runs.items():
            load = Load()
            got = run()
            if got is not None:
                seen[name].append({**got, "others": load.others(got.get("cpu s", 0))})
    return {name: {key: median([row[key] for row in rows]) for key in rows[0]} for name, rows in seen.items() if rows}
