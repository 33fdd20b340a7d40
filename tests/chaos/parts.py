"""parts: brokers, hosts and owners as real processes on machines of net.py, which may be killed, frozen and started again."""
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from harness import children  # noqa: E402

import net  # noqa: E402

SUPERSEDED = 3  # an owner whose journal was taken over by another process
# what is said of the machine and of the storm, and is no fault of the run: a kernel that lacks a protection; a line so bad that one
# handshake after the other is cut off
ODD = ("the sandbox of the stage", "hangs up in the middle of each handshake")


class Part:
    """A process that comes back. state: down, up, frozen, ending (it was told to end, and nobody waits for it)."""

    def __init__(self, town, kind, name, machine, command, env):
        self.town, self.kind, self.name, self.machine = town, kind, name, machine
        self.command, self.env = [str(word) for word in command], env
        self.state, self.process, self.codes = "down", None, ()
        self.out, self.err = town.path / f"{name}.out", town.path / f"{name}.err"

    def start(self):
        with open(self.out, "ab") as out, open(self.err, "ab") as err:
            self.process = subprocess.Popen(self.machine.wrap(self.command), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            cwd=self.town.path, env=self.town.environment(self.env), start_new_session=True,
                                            preexec_fn=None if self.town.net.alone else net.die_with_parent)
        self.state = "up"

    def signal(self, number, everybody=False):
        """To the process, or to everybody that belongs to it too: its workers."""
        try:
            (os.killpg if everybody else os.kill)(self.process.pid, number)
        except ProcessLookupError:
            pass

    def kill(self, everybody=False):
        """SIGKILL. It may have ended by itself just before: then look() tells."""
        self.signal(signal.SIGKILL, everybody)
        if self.process.wait() == -signal.SIGKILL:
            self.state = "down"

    def freeze(self, everybody=False):
        self.signal(signal.SIGSTOP, everybody)
        self.state = "frozen"

    def thaw(self):
        if self.state == "frozen":
            self.state = "up"
        self.signal(signal.SIGCONT, everybody=True)

    def workers(self):
        return [pid for pid, line in children(self.process.pid).items() if line.startswith("yogi-worker")]

    def end(self, hasty=False):
        """SIGTERM; hasty: it may just have been started, and not be prepared for that yet."""
        self.signal(signal.SIGTERM)
        self.state, self.codes = "ending", (0, -signal.SIGTERM) if hasty else (0,)

    def look(self):
        """Takes note of an end. One that nobody asked for is a fault, which is returned."""
        if self.process is None or self.state == "down" or self.process.poll() is None:
            return None
        code, state, self.state = self.process.returncode, self.state, "down"
        return None if state == "ending" and code in self.codes else f"{self.name} ended with {code}:\n{self.said()}"

    def said(self):
        """What it wrote to its standard error, in all its lives."""
        text = self.err.read_text("utf-8", "replace") if self.err.exists() else ""
        return "\n".join(line for line in text.splitlines() if not any(odd in line for odd in ODD))[-4000:]


class Owner(Part):
    """Its journal is its disk; another process may take it over while this one is frozen."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.journal = Path(self.command[1])
        self.old = []  # processes that have lost the journal, and do not know it yet

    def take_over(self):
        self.freeze()
        self.old.append(self.process)
        self.start()

    def thaw_old(self):
        for process in self.old:
            try:
                os.kill(process.pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def look(self):
        for process in [p for p in self.old if p.poll() is not None]:
            self.old.remove(process)
            if process.returncode != SUPERSEDED:
                return f"{self.name}, whose journal was taken over, ended with {process.returncode}:\n{self.said()}"
        if self.old and self.state == "up" and self.process.poll() == SUPERSEDED:
            self.process = self.old.pop()  # it was frozen before it had taken hold itself, and has done so since
        return super().look()


class Town:
    """All parts of a run, on a network, with one directory."""

    def __init__(self, build, path, network):
        self.build, self.path, self.net = Path(build).resolve(), Path(path), network
        self.root = Path(__file__).resolve().parents[2]
        self.parts, self.settings = {}, {}
        if self.net.real:  # over TCP; ipc has no keys
            self.key("broker", "broker")
            self.settings.update(self.key("onlooker", "admin"))

    def key(self, name, role):
        """A pair of keys for who has this name, on the brokers' list; settings of who uses it."""
        if not self.net.real:
            return {}
        got = subprocess.run([self.build / "bin/yogi", "keys", "new", name, "--role", role], cwd=self.path, capture_output=True,
                             check=True, stdin=subprocess.DEVNULL, env=self.environment({}))
        with open(self.path / "allow", "ab") as allow:
            allow.write(got.stdout if role != "broker" else b"")
        if role == "broker":
            return {}
        return {"YOGI_KEYS": f"{self.path}/{name}.cert_secret", "YOGI_BROKER_KEY": f"{self.path}/broker.cert"}

    def environment(self, extra):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("YOGI_")}
        quiet = {"LSAN_OPTIONS": f"suppressions={self.root}/tests/lsan.supp:print_suppressions=0", "LC_ALL": "C.UTF-8"}
        return {**kept, **quiet, **self.settings, **extra}

    def add(self, part):
        self.parts[part.name] = part
        return part

    def of(self, kind):
        return [part for part in self.parts.values() if part.kind == kind]

    def endpoint(self, name, machine):
        return f"tcp://{machine.address}:4010" if self.net.real else f"ipc://{self.path}/{name}"

    def broker(self, name, machine, **env):
        keys = {"YOGI_KEYS": f"{self.path}/broker.cert_secret", "YOGI_BROKER_ALLOW": f"{self.path}/allow"} if self.net.real else {}
        part = Part(self, "broker", name, machine, [self.build / "bin/yogi-broker"],
                    {"YOGI_BROKER_LISTEN": self.endpoint(name, machine), **keys, **env})
        part.endpoint = part.env["YOGI_BROKER_LISTEN"]
        self.settings["YOGI_BROKERS"] = f"{self.settings.get('YOGI_BROKERS', '')} {part.endpoint}".strip()
        return self.add(part)

    def host(self, name, machine, *stages, program="bin/yogi-actor", **env):
        return self.add(Part(self, "host", name, machine, [self.build / program, *stages],
                             {"YOGI_NAME": name, **self.key(name, f"actor:{','.join(stages)}"), **env}))

    def owner(self, name, machine, rate, most, *kinds, **env):
        return self.add(Owner(self, "owner", name, machine,
                              [self.build / "bin/keeper", self.path / f"{name}.journal", rate, most, *kinds],
                              {"YOGI_NAME": name, **self.key(name, "owner"), **env}))

    def look(self):
        """Faults: processes that ended and should not have."""
        return [fault for fault in (part.look() for part in self.parts.values()) if fault]

    def close(self):
        for part in self.parts.values():
            for process in [part.process, *getattr(part, "old", [])]:
                if process and process.poll() is None:
                    try:
                        os.killpg(process.pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                    process.wait()
