"""podman: an engine of containers with a store of its own in a case's directory; what cannot run here is a skip."""
import os
import shutil

from harness import SECONDS, Skip

CONFIGURATION = """[containers]
default_ulimits=["nofile=20000:20000","nproc=32768:32768"]
pids_limit=0
log_driver="k8s-file"
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
runtime="runc"
"""


class Engine:
    """podman with everything it keeps in the case's directory. Containers that are named by it are removed by close().

    images: a store of images (images.py) that it reads beside its own. folder: where its own is, when not with the case."""

    def __init__(self, home, images=None, folder=None):
        if not shutil.which("podman"):
            raise Skip("there is no podman here")
        if os.geteuid() != 0:
            raise Skip("containers are run by root here")
        self.home, self.names = home, []
        home.file("containers.conf", CONFIGURATION)
        folder = folder or home.path
        self.command = ["podman", "--root", f"{folder}/store", "--runroot", f"{folder}/runroot"]
        if images:
            self.command += ["--storage-opt", f".imagestore={images}"]

    def run(self, *arguments, stdin=b"", seconds=SECONDS):
        return self.home.run(*self.command, *arguments, stdin=stdin, seconds=seconds,
                             env={"CONTAINERS_CONF": f"{self.home.path}/containers.conf"})

    def start(self, name, *arguments):
        """A container in the background; its name with this process's number, so that no two tests meet."""
        name = f"{name}-{os.getpid()}"
        self.names.append(name)
        started = self.run("run", "-d", "--name", name, *arguments)
        if started.code != 0:
            raise Skip(f"no container can be started here: {started.err.strip()[-300:]}")
        return name

    def close(self):
        for name in self.names:
            self.run("rm", "-f", "-t", "0", name)
        self.run("rmi", "-a", "-f", seconds=10 * SECONDS)  # those of a whole build have many files
