"""bare: machines outside the cluster: each in a network namespace of its own (tests/chaos/net.py), booted by systemd over this
machine's files (machine.py), with Yogi as deploy/install puts it there."""
import json
import shutil

from harness import SECONDS, Home, wait_for
from machine import Machine, installed

UNIT = "yogi-actor@host"


class Host(Machine):
    def __init__(self, home, place, **settings):
        """place: the machine of the network; settings: of its actor hosts."""
        folder = home.path / place.name
        folder.mkdir()
        super().__init__(Home(home.build, folder))
        self.place, self.settings = place, settings

    def start(self):
        self.lay()
        installed(self.home, self.root)
        with open(self.root / "etc/yogi/actor.env", "a") as file:
            file.write("".join(f"{name}={value}\n" for name, value in self.settings.items()))
        self.boot(f"ns:/run/netns/{self.place.name}")

    def bring(self, *files):
        for file in files:
            shutil.copy(file, self.root / "root")

    def command(self, line):
        """A line that is typed in root's folder there."""
        return self.inside("sh", "-c", f"cd /root && {line}")

    def state(self):
        return self.inside("systemctl", "is-active", UNIT).out.strip()

    def journal(self, event=None):
        """What its actor host has written down: objects, the event's alone where one is named."""
        lines = self.inside("journalctl", "--no-pager", "-o", "cat", "-u", UNIT).out.splitlines()
        said = [json.loads(line) for line in lines if line.startswith('{"time"')]
        return [one for one in said if event in (None, one["event"])]

    def hears(self, event, words):
        """Waits until it has written that down with these words in the message."""
        wait_for(lambda: any(words in one["message"] for one in self.journal(event)), f"{self.place.name}: {words}", seconds=SECONDS)

    def reaches(self, address, port):
        """Whether a connection is taken there."""
        return self.inside("timeout", "5", "bash", "-c", f"echo > /dev/tcp/{address}/{port}").code == 0
