"""audit: what clients were told was accepted, held against what owners have in their journals (tests/tools/errand.h).

lost        accepted, and not in the journal; or ended nowhere though its owner has ended
duplicated  ended more than once, or in two journals
stuck       not ended though its owner had all the time
wrong       ended otherwise than it must: another outcome than its kind has, stages left out, done twice or in another order,
            somebody else's dossier, an epoch that was over
"""
from collections import Counter

FAULTS = {"crash": "poison", "hang": "poison", "exit": "poison", "fail damaged": "damaged"}
LOSSES_MOST = 10  # so many make a job failed: the storm's doing


class Job:
    def __init__(self, number, kind):
        route, self.wish = kind.split(":", 1)
        self.number, self.route = int(number), route.split(",")
        self.epoch, self.cancelled, self.ends, self.records = 1, False, [], 0


def read_journal(path):
    """{id: Job}, and the faults of the journal itself."""
    jobs, faults = {}, []
    whole = path.read_text() if path.exists() else ""
    for line in whole[:whole.rfind("\n") + 1].splitlines():
        what, job_id, *rest = line.split(" ")
        if what == "accept":
            if job_id in jobs:
                faults.append(f"{job_id} was accepted twice")
            jobs[job_id] = Job(rest[0], " ".join(rest[1:]))
            continue
        job = jobs[job_id]
        if what == "epoch":
            if int(rest[0]) <= job.epoch:
                faults.append(f"{job_id}: epoch {rest[0]} after {job.epoch}")
            job.epoch = int(rest[0])
        elif what == "cancel":
            job.cancelled = True
        elif what == "record":
            job.records += rest[2] != "-"
        elif what == "finish":
            job.ends.append((job.epoch, *rest))
    return jobs, faults


def wrong(job_id, job):
    """What is wrong with how the job has ended; None when nothing is."""
    epoch, told, outcome, fault, crashes, losses, name, trail, blocks = job.ends[0]
    if int(told) != epoch:
        return f"ended under epoch {told}, though it had {epoch}"
    if outcome == "cancelled":
        return None if job.cancelled else "cancelled, though nobody called it off"
    if outcome == "failed":
        lost = fault == "lost" and int(losses) >= LOSSES_MOST
        return None if lost or fault == FAULTS.get(job.wish) else f"failed as {fault} (crashes {crashes}, losses {losses})"
    if job.wish in FAULTS:
        return f"completed, though it was to {job.wish}"
    if name != job_id:
        return f"ended with the dossier of {name}"
    if trail.split(",") != job.route:
        return f"went through {trail} instead of {','.join(job.route)}"
    if job.wish.startswith(("file:", "http")) and int(blocks) == 0:
        return "is a timetable without blocks"
    return None


class Account:
    """Of all owners together."""

    def __init__(self):
        self.accepted, self.ends, self.records, self.epochs = 0, Counter(), 0, 0
        self.lost, self.duplicated, self.stuck, self.wrong = [], [], [], []
        self.blocks = {}  # of each document, as it was read first

    def add(self, name, journal, told, ended, seen):
        """The journal of one owner, the ids that its clients were told, whether it has ended; seen: jobs of all owners so far."""
        jobs, faults = read_journal(journal)
        self.wrong += [f"{name}: {fault}" for fault in faults]
        self.lost += [f"{name}: {job_id} was accepted and is not in the journal" for job_id in told - set(jobs)]
        self.accepted += len(jobs)
        for job_id, job in jobs.items():
            self.records += job.records
            self.epochs += job.epoch - 1
            if job_id in seen or len(job.ends) > 1:
                self.duplicated.append(f"{name}: {job_id} ended {len(job.ends)} times: {job.ends}")
            elif not job.ends:
                (self.lost if ended else self.stuck).append(f"{name}: {job_id}, job {job.number}, {','.join(job.route)}:{job.wish}, epoch {job.epoch}")
            else:
                self.count(f"{name}: {job_id}, job {job.number}, {','.join(job.route)}:{job.wish}, ", job_id, job)
        seen |= set(jobs)

    def count(self, about, job_id, job):
        end = job.ends[0]
        self.ends[end[2] if end[2] != "failed" else f"failed ({end[3]})"] += 1
        why = wrong(job_id, job)
        if why is None and end[2] == "completed" and job.wish.startswith(("file:", "http")):
            first = self.blocks.setdefault(job.wish.rsplit("/", 1)[-1], end[8])
            why = None if first == end[8] else f"was read with {end[8]} blocks, before with {first}"
        if why:
            self.wrong.append(about + why)

    def faults(self):
        return self.lost + self.duplicated + self.stuck + self.wrong

    def __str__(self):
        ends = ", ".join(f"{what} {count}" for what, count in sorted(self.ends.items()))
        return (f"accepted {self.accepted}: {ends}; {self.records} records, {self.epochs} epochs\n"
                f"lost {len(self.lost)}  duplicated {len(self.duplicated)}  stuck {len(self.stuck)}  wrong {len(self.wrong)}")


def told_by(path):
    """What clients of an owner heard: ids on its standard output."""
    text = path.read_text() if path.exists() else ""
    return {line.split()[1] for line in text.splitlines() if line.startswith("accepted ") and len(line) == 45}


def audit(owners):
    account, seen = Account(), set()
    for owner in owners:
        account.add(owner.name, owner.journal, told_by(owner.out), owner.state == "down", seen)
    return account
