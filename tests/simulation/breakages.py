#!/usr/bin/python3
"""Breaks one of the machines on purpose, in a copy of its source: the shipped source knows nothing of it.

    breakages.py NAME SOURCE-ROOT OUT      writes the broken copy
    breakages.py --list                    "NAME FILE" a line

Each breakage is one replacement that must be found exactly once, so that none goes stale unseen. The test simulation.breakages builds
each one and demands that the simulation finds it.
"""
import sys
from pathlib import Path

# name: (file, what stands there, what stands there instead)
BREAKAGES = {
    # the scheduler
    "token": ("broker/scheduler_actor.c",
              "job->server != JOB_NONE && token_equal(job->token, message->token)", "job->server != JOB_NONE"),  # any answer of the right actor counts
    "missing": ("broker/scheduler_actor.c", "            else\n                scheduler_lose(s, job, now);",
                "            else\n                continue;"),  # what a host has lost is not queued again
    "flood": ("broker/scheduler_debt.c", "owner->sent_bytes < s->options.owner_bytes", "true"),  # a slow owner is sent whatever there is
    "heavy": ("broker/scheduler_move.c", "actor->bytes >= s->options.actor_bytes", "false"),  # and an actor given whatever waits
    "attached": ("broker/scheduler_debt.c", "        message->attachment = blob_slice(record->attachment);\n", ""),  # it stays at the broker
    # the owner's link
    "forgotten": ("proto/link.c", "    else\n        link_broker_forgot(link, number);", ""),  # nothing is submitted again
    "epoch": ("proto/link.c", "job && job->broker == broker && job->epoch == message->epoch",
              "job"),  # answers of any broker and any epoch count
    # the host's jobs
    "resend": ("proto/jobs/jobs.c", "    send_again(jobs, now_us);\n", ""),  # an answer is sent once
    "list": ("proto/jobs/jobs_hear.c", "    if (message->want)\n        say_heartbeat(jobs, number, true);\n", ""),  # the list is never told
}


def main():
    if sys.argv[1:] == ["--list"]:
        for name, (path, _, _) in BREAKAGES.items():
            print(name, path)
        return
    name, root, out = sys.argv[1:]
    path, whole, broken = BREAKAGES[name]
    text = (Path(root) / path).read_text()
    if text.count(whole) != 1:
        sys.exit(f"{path}: the place of breakage {name} is there {text.count(whole)} times, not once; bring breakages.py up to date")
    Path(out).write_text(text.replace(whole, broken))


if __name__ == "__main__":
    main()
