#!/usr/bin/python3
"""The example in deploy/node, run by the commands of its page: a document goes in by BullMQ and comes back with its week, one of its stages
done by a worker in Node.js."""
import re
import shutil
import signal
import subprocess
import sys

from harness import SECONDS, contains, equal, main, wait_for
from system import system

FILE = "../../tests/fixtures/synth/syn-01-png.png"


def commands(home):
    """The indented lines of the page, in their order."""
    page = (home.root / "deploy" / "node" / "README.md").read_text()
    return re.findall(r"^    (\S.*)$", page, re.M)


def test_commands_of_the_page(home):
    lines = commands(home)
    equal(lines[:8], ["npm ci --ignore-scripts", "export UPLOADS=$PWD/uploads YOGI_SOURCE_ROOTS=$PWD/uploads", "mkdir -p uploads", "yogi broker",
                      "yogi actor classification ocr llm",
                      "YOGI_BULLMQ_QUEUES=classification=classification:through YOGI_STAGE_VALIDATION=bullmq yogi bridge", "node worker.mjs",
                      f"node producer.mjs {FILE}"])
    folder = home.path / "deploy" / "node"
    shutil.copytree(home.root / "deploy" / "node", folder, ignore=shutil.ignore_patterns("node_modules", "uploads"))
    socket = home.path / "redis.sock"
    with system(home, REDIS_URL=f"unix://{socket}", YOGI_WORKERS="1") as it:
        it.processes.append(home.start("redis-server", "--port", 0, "--unixsocket", socket, "--save", "", stdout=subprocess.DEVNULL))
        wait_for(lambda: home.run("redis-cli", "-s", socket, "PING").out == "PONG\n", "Redis")
        path = f"{home.build / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        (home.path / "tests" / "fixtures").mkdir(parents=True)
        shutil.copytree(home.root / "tests" / "fixtures" / "synth", home.path / "tests" / "fixtures" / "synth")

        def shell(line, start=False):
            script = f"{lines[1]}; exec env PATH={path} {line}" if start else f"PATH={path}; {lines[1]}; {line}"
            process = subprocess.Popen(["sh", "-c", script], cwd=folder, env=home.environment(it.environment(None)), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if start:
                it.processes.append(process)
                return process
            out, err = process.communicate(timeout=SECONDS)
            equal(process.returncode, 0, out + err)
            return out.decode(), err.decode()

        shell(lines[0].replace("--ignore-scripts", "--ignore-scripts --no-audit --no-fund --prefer-offline"))
        shell(lines[2])
        it.broker()
        for line in lines[4:6]:
            shell(line, True)
        worker = shell(lines[6], True)
        equal(worker.stdout.readline(), b"ready\n", worker)
        out, err = shell(lines[7])
        equal(err, "")
        first, *blocks = out.splitlines()
        assert re.fullmatch(re.escape(FILE) + r": (completed|needs_review), confidence \d\.\d\d", first), first
        assert len([line for line in blocks if line.startswith("  Monday ")]) > 5, out
        contains(out, "Maths")
        left = home.run("redis-cli", "-s", socket, "ZCARD", "bull:validation:completed")
        equal(left.out, "1\n", "the worker in Node.js had it")
        worker.send_signal(signal.SIGTERM)
        equal(worker.wait(timeout=SECONDS), 0)


if __name__ == "__main__":
    main(sys.modules[__name__])
