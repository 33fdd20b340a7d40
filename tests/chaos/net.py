"""net: several machines on one: network namespaces on a bridge, whose links can be cut in both directions or in one, or
made to lose packets.

The whole test runs in namespaces of its own (mount, network, processes), for which it starts itself again under unshare(1).
The kernel takes them away with the first process in them, and with it every process and every namespace that the test made,
however the test ends: nothing has a name outside, nothing can be left behind. Root is not needed where ordinary users may
make user namespaces. Where none of that is allowed there is one machine, without links to cut; Net.reason says why.
"""
import contextlib
import ctypes
import os
import signal
import subprocess
import sys

INSIDE = "YOGI_TEST_INSIDE"
UNSHARE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
PR_SET_PDEATHSIG = 1


def quiet(*command):
    """Whether the command exists and succeeds."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def enter():
    """Call first: from here on the process is alone with what it starts, where the system allows that."""
    if inside():
        become_init()
        return
    for way in (UNSHARE, [*UNSHARE, "--user", "--map-root-user"]):
        if quiet(*way, "true"):
            os.environ[INSIDE] = str(os.getpid())
            os.execvp(way[0], [*way, sys.executable, "-B", *sys.argv])
    os.environ[INSIDE] = ""


def inside():
    return INSIDE in os.environ


def outer_pid():
    """Of this run, as everybody sees it."""
    return int(os.environ[INSIDE] or os.getpid())


def become_init():
    """The first process waits for orphans and ends with the test, which goes on in a child of it."""
    if os.getpid() != 1:
        return
    child = os.fork()
    if child == 0:
        return
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    while True:
        try:
            pid, status = os.wait()
        except KeyboardInterrupt:
            os._exit(130)
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def die_with_parent():
    """For a child where there is no namespace that ends it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def sweep(folder):
    """Ends all that still runs in the namespaces but us, and takes away what is mounted below the folder, so that it can be removed."""
    if os.environ.get(INSIDE):
        with contextlib.suppress(ProcessLookupError):  # there is nobody else
            os.kill(-1, signal.SIGKILL)
        with open("/proc/mounts", encoding="utf-8") as mounts:
            places = [line.split()[1] for line in mounts]
        for place in reversed([one for one in places if one.startswith(f"{folder}/")]):
            quiet("umount", "-l", place)


class Machine:
    """A place for processes. On the one machine that there is where there are no namespaces, net is None."""

    def __init__(self, net, name, number):
        self.net, self.name = net, name
        self.address = f"10.83.{number // 250}.{number % 250 + 2}"
        self.ill = False  # its link is not as it should be
        if net.real:
            self.make()

    def make(self):
        link = f"v-{self.name}"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "e0", "netns", self.name)
        run("ip", "link", "set", link, "master", "bridge", "up")
        run("ip", "-n", self.name, "address", "add", f"{self.address}/16", "dev", "e0")
        run("ip", "-n", self.name, "link", "set", "e0", "up")
        run("ip", "-n", self.name, "link", "set", "lo", "up")

    def wrap(self, command):
        """The command so that it runs there, as the process that is started."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--", *command] if self.net.real else command

    def filter(self, *rule):
        self.ill = True
        run(*self.wrap(["iptables", "-w", *rule]))

    def down(self):
        """Nothing comes through, and it sees that (no carrier)."""
        self.ill = True
        run("ip", "link", "set", f"v-{self.name}", "down")

    def deaf(self):
        """Nothing reaches it, and nobody is told."""
        self.filter("-A", "INPUT", "-i", "e0", "-j", "DROP")

    def mute(self):
        """Nothing leaves it."""
        self.filter("-A", "OUTPUT", "-o", "e0", "-j", "DROP")

    def lossy(self, share):
        """That share of the packets that come to it is lost."""
        self.filter("-A", "INPUT", "-i", "e0", "-m", "statistic", "--mode", "random", "--probability", str(share), "-j", "DROP")

    def heal(self):
        if not self.ill:
            return
        self.ill = False
        run("ip", "link", "set", f"v-{self.name}", "up")
        if self.net.filters:
            run(*self.wrap(["iptables", "-w", "-F"]))


class Net:
    """real: there are machines with links; filters: packets can be dropped; alone: in namespaces that end by themselves."""

    def __init__(self):
        self.alone, self.real, self.filters, self.reason = bool(os.environ.get(INSIDE)), False, False, ""
        self.machines = {}
        if not self.alone:
            self.reason = "neither root nor an ordinary user may make namespaces here"
            return
        try:
            run("mount", "-t", "tmpfs", "none", "/run")
            os.makedirs("/run/netns")
            run("ip", "link", "set", "lo", "up")
            run("ip", "link", "add", "bridge", "type", "bridge")
            run("ip", "address", "add", "10.83.0.1/16", "dev", "bridge")
            run("ip", "link", "set", "bridge", "up")
            self.real = True
            probe = self.machine("probe")
        except (OSError, RuntimeError) as why:
            self.real, self.reason = False, f"no bridge of namespaces: {why}"
            self.machines = {}
            return
        try:
            probe.lossy(0.05)
            probe.heal()
            self.filters = True
        except (OSError, RuntimeError) as why:
            self.reason = f"no iptables: {why}"

    def machine(self, name):
        if name not in self.machines:
            self.machines[name] = Machine(self, name, len(self.machines))
        return self.machines[name]


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode().strip()}")
