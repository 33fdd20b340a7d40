#!/usr/bin/python3
"""The example in deploy/node, run by the commands of its page: a document goes in by BullMQ and comes back with its week, one of its stages
done by a worker in Node.js."""
import re
import shutil
import signal
import subprocess
import sys

from harness import SECONDS, contains, equal, main, wait_for
from readme import runs
from system import system


@runs("node/README.md")
def test_commands_of_the_page(home, page):
    install, export, folders, broker, actor, bridge, worker_line, producer = page.take_all()
    printed = re.search(r"^```text\n\S+: .*\n(  .*)$", (home.root / "deploy/node/README.md").read_text(), re.M)[1]
    folder = home.path / "deploy" / "node"
    shutil.copytree(home.root / "deploy" / "node", folder, ignore=shutil.ignore_patterns("node_modules", "uploads"))
    socket = home.path / "redis.sock"
    with system(home, REDIS_URL=f"unix://{socket}", YOGI_WORKERS="1", YOGI_BROKER_LISTEN=f"ipc://{home.path}/broker") as it:
        it.processes.append(home.start("redis-server", "--port", 0, "--unixsocket", socket, "--save", "", stdout=subprocess.DEVNULL))
        wait_for(lambda: home.run("redis-cli", "-s", socket, "PING").out == "PONG\n", "Redis")
        path = f"{home.build / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        (home.path / "tests" / "fixtures").mkdir(parents=True)
        shutil.copytree(home.root / "tests" / "fixtures" / "synth", home.path / "tests" / "fixtures" / "synth")

        def shell(line, start=False):
            script = f"{export}; exec env PATH={path} {line}" if start else f"PATH={path}; {export}; {line}"
            process = subprocess.Popen(["sh", "-c", script], cwd=folder, env=home.environment(it.environment(None)), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if start:
                it.processes.append(process)
                return process
            out, err = process.communicate(timeout=SECONDS)
            equal(process.returncode, 0, out + err)
            return out.decode(), err.decode()

        shell(install.replace("--ignore-scripts", "--ignore-scripts --no-audit --no-fund --prefer-offline"))
        shell(folders)
        contains(shell(broker, True).stdout.readline().decode(), "ready ")
        shell(actor, True)
        shell(bridge, True)
        worker = shell(worker_line, True)
        equal(worker.stdout.readline(), b"ready\n", worker)
        out, err = shell(producer)
        equal(err, "")
        first, *blocks = out.splitlines()
        assert re.fullmatch(re.escape(producer.split()[-1]) + r": (completed|needs_review), confidence \d\.\d\d", first), first
        assert len([line for line in blocks if line.startswith("  Monday ")]) > 5, out
        assert printed in blocks and "Maths" in out, out
        left = home.run("redis-cli", "-s", socket, "ZCARD", "bull:validation:completed")
        equal(left.out, "1\n", "the worker in Node.js had it")
        worker.send_signal(signal.SIGTERM)
        equal(worker.wait(timeout=SECONDS), 0)


if __name__ == "__main__":
    main(sys.modules[__name__])
