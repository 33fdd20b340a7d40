#!/usr/bin/python3
"""The command `yogi read` around a worker that obeys its document (tests/tools/trial_worker.c): order, exit codes, output
files, supervision, signals, pipes, full disks. What the stages themselves do is tested elsewhere."""
import fcntl
import json
import os
import pty
import re
import resource
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from harness import Skip, children, contains, equal, is_alive, main, wait_for


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


def block(document):
    return document["timetables"][0]["timeblocks"][0]["name"]


# ---- results ----


def test_one_document_is_one_object(home):
    home.file("week", "pages 1\nhello")
    got = home.run(home.trial, "read", "week")
    equal(got.code, 0, got)
    equal(got.err, "")
    document = json.loads(got.out)
    equal(sorted(document), ["checks", "classification", "document", "outcome", "timetables"])
    equal(document["document"]["filename"], "week")
    equal(document["document"]["bytes"], 13)
    equal(block(document), "hello")
    equal(document["outcome"]["status"], "completed")


def test_digest_is_sha256(home):
    import hashlib
    content = os.urandom(70000) + b"\nlast line"
    home.file("week", content)
    got = home.run(home.trial, "read", "week")
    equal(json.loads(got.out)["document"]["sha256"], hashlib.sha256(content).hexdigest())


def test_several_documents_are_lines_in_order(home):
    names = []
    for i in range(20):  # the first are the slowest
        names.append(home.file(f"w{i:02d}", f"slow {(20 - i) * 5}\nname {i}"))
    got = home.run(home.trial, "read", *names, "--workers", "4")
    equal(got.code, 0, got)
    equal([d["document"]["filename"] for d in lines(got)], names)
    equal([block(d) for d in lines(got)], [f"name {i}" for i in range(20)])
    contains(got.err, "20 read (0 pages) in ")


def test_same_bytes_for_any_number_of_workers(home):
    names = [home.file(f"w{i}", f"slow {i * 7 % 30}\npages {i % 4}\n{['ok', 'fail damaged x', 'crash', 'end not-a-timetable y'][i % 4]}")
             for i in range(24)]
    first = None
    for workers in (1, 2, 5):
        got = home.run(home.trial, "read", *names, "--workers", workers)
        first = first or got
        equal(got.raw, first.raw, f"{workers} workers")
        equal([l for l in got.err.splitlines() if l.startswith("yogi:")],
              [l for l in first.err.splitlines() if l.startswith("yogi:")], f"{workers} workers")
        equal(got.code, 1)


def test_standard_input(home):
    got = home.run(home.trial, "read", "-", stdin=b"pages 1\nfrom a pipe")
    equal(got.code, 0, got)
    equal(block(json.loads(got.out)), "from a pipe")
    equal(json.loads(got.out)["document"]["filename"], "standard input")


def test_empty_standard_input(home):
    got = home.run(home.trial, "read", "-")
    equal(got.code, 4, got)
    equal(got.out, "")
    contains(got.err, "yogi: standard input: the file is empty")


def test_named_pipe(home):
    os.mkfifo(home.path / "pipe")
    process = home.start(home.trial, "read", "pipe")
    with open(home.path / "pipe", "wb") as pipe:
        pipe.write(b"through a pipe")
    out, err = process.communicate(timeout=60)
    equal(process.returncode, 0, err)
    equal(block(json.loads(out)), "through a pipe")


def test_explain_and_timing(home):
    home.file("week", "x")
    plain = json.loads(home.run(home.trial, "read", "week").out)
    timed = home.run(home.trial, "read", "week", "--timing", "--explain")
    document = json.loads(timed.out)
    assert "trail" not in plain and "reasons" not in json.dumps(plain)
    equal([t["stage"] for t in document["trail"]], ["classification", "ocr", "llm", "validation"])
    for entry in document["trail"]:
        equal([lap["name"] for lap in entry["laps"]], ["obeying"])
        assert entry["started"] <= entry["finished"], entry
    for part in ("CPU time by stage and part:", "obeying", "start to first stage:", "peak memory:", "s of CPU"):
        contains(timed.err, part)


def test_review_is_no_failure(home):
    home.file("a", "pages 2\nreview")
    home.file("b", "pages 1")
    got = home.run(home.trial, "read", "a", "b")
    equal(got.code, 0, got)
    contains(got.err, "2 read (3 pages) in ")
    contains(got.err, "; 1 needs review")


def test_forms(home):
    home.file("week", "pages 1\nMaths")
    for form, mark in (("table", "Maths"), ("csv", "Maths"), ("ics", "BEGIN:VCALENDAR"), ("html", "<html")):
        got = home.run(home.trial, "read", "week", "--format", form)
        equal(got.code, 0, got)
        contains(got.out, mark, form)


def test_csv_of_several_has_one_header(home):
    for name in "abc":
        home.file(name, f"name {name}")
    got = home.run(home.trial, "read", "a", "b", "c", "--format", "csv")
    rows = got.out.splitlines()
    equal(len(rows), 4, got)
    equal([row.split(",")[0] for row in rows], ["document", "a", "b", "c"], got)


# ---- exit codes and sentences ----


def test_exit_codes(home):
    home.file("good", "x")
    table = {"damaged": 4, "unsupported": 4, "encrypted": 4, "too-large": 5, "not-a-timetable": 6, "language": 7,
             "system": 1, "memory": 9, "bad-message": 10}
    for fault, code in table.items():
        home.file(fault, f"fail {fault} because of {fault}")
        got = home.run(home.trial, "read", fault)
        equal(got.code, code, fault)
        equal(got.out, "", fault)
        equal(got.err, f"yogi: {fault}: because of {fault}\n")
        equal(home.run(home.trial, "read", "good", fault, fault).code, code, f"{fault}, others read")
    equal(home.run(home.trial, "read", "damaged", "encrypted").code, 4, "two causes with one code")
    equal(home.run(home.trial, "read", "damaged", "good", "language").code, 1, "mixed")


def test_a_run_that_ends_early_fails_with_its_cause(home):
    home.file("cat", "end not-a-timetable this is a cat")
    got = home.run(home.trial, "read", "cat")
    equal((got.code, got.out, got.err), (6, "", "yogi: cat: this is a cat\n"))


def test_failures_have_their_line(home):
    home.file("a", "x")
    home.file("b", "fail damaged page 1 is torn")
    got = home.run(home.trial, "read", "a", "b", "missing")
    documents = lines(got)
    equal([d["document"]["filename"] for d in documents], ["a", "b", "missing"])
    equal([d["outcome"]["error"] for d in documents], [None, "damaged", "input"])
    equal(documents[1]["outcome"]["message"], "page 1 is torn")
    contains(got.err, "1 read (0 pages) in ")
    contains(got.err, "2 failed: 1 input, 1 damaged")
    equal(got.code, 1)


def test_control_characters_do_not_reach_the_terminal(home):
    home.file("evil\x1b[2Jname", "fail damaged text\x1b[31mred\x07")
    got = home.run(home.trial, "read", "evil\x1b[2Jname")
    equal(got.code, 4)
    assert "\x1b" not in got.err and "\x07" not in got.err, repr(got.err)


def test_no_such_file(home):
    home.file("good", "x")
    got = home.run(home.trial, "read", "missing.png", "good", "good/part")
    equal(got.code, 3, got)
    contains(got.err, "yogi: missing.png: no such file; check the name\n")
    contains(got.err, "yogi: good/part: no such file: a part of the path is not a folder; check the name\n")
    equal(len(lines(got)), 3)


def test_hundreds_of_missing_files(home):
    names = [f"missing-{i}" for i in range(300)]
    home.file("last", "x")
    for form in ("csv", "json"):
        got = home.run(home.trial, "read", *names, "last", "--workers", "1", "--format", form)
        equal(got.code, 3, got)
        equal(got.err.count("no such file"), 300)
        equal(len(got.out.splitlines()), 2 if form == "csv" else 301)


def test_no_permission(home):
    home.file("secret", "x")
    home.file("good", "x")
    os.chmod(home.path / "secret", 0)
    os.chmod(home.path, 0o755)
    before = None
    if os.geteuid() == 0:
        before = lambda: os.setresuid(65534, 65534, 65534)
        if home.run("/bin/sh", "-c", f"test -x {home.trial}", before=before).code:
            raise Skip("another user cannot reach the build folder")
    got = home.run(home.trial, "read", "secret", "good", before=before)
    equal(got.code, 3, got)
    contains(got.err, "yogi: secret: no permission to read it; change its mode or run as its owner\n")
    equal([d["outcome"]["error"] for d in lines(got)], ["input", None])
    os.mkdir(home.path / "shut", 0)
    got = home.run(home.trial, "read", "shut", before=before)
    equal(got.code, 3, got)
    contains(got.err, "yogi: shut: no permission to look into this folder; change its mode or run as its owner\n")


def test_devices_are_refused(home):
    got = home.run(home.trial, "read", "/dev/zero")
    equal(got.code, 3, got)
    contains(got.err, "yogi: /dev/zero: is not an ordinary file")


def test_empty_file(home):
    home.file("empty.png", "")
    got = home.run(home.trial, "read", "empty.png")
    equal((got.code, got.out), (4, ""))
    contains(got.err, "yogi: empty.png: the file is empty")


def test_huge_file(home):
    with open(home.path / "huge", "wb") as file:
        file.truncate(300 << 20)
    got = home.run(home.trial, "read", "huge")
    equal(got.code, 5, got)
    contains(got.err, "yogi: huge: the file has 300 MB, more than the 256 MB that are read\n")


# ---- the command line ----


def test_usage(home):
    home.file("a", "x")
    home.file("b", "x")
    rows = [
        ((), "name a file, a folder or -"),
        (("a", "--fromat", "json"), "there is no option --fromat; did you mean --format?"),
        (("a", "--format", "xml"), "--format wants one of "),
        (("a", "--format"), "--format wants a value"),
        (("a", "--workers", "0"), "--workers wants a whole number from 1 to 1024, not \"0\""),
        (("a", "--workers", "two"), "--workers wants a whole number"),
        (("a", "--gate", "1.5"), "--gate wants a number from 0 to 1"),
        (("a", "--engine", "magic"), "--engine wants one of rules"),
        (("a", "--pages", "3-1"), "--pages wants numbers and ranges"),
        (("a", "--pages", "0"), "--pages wants"),
        (("a", "--languages", "../eng"), "--languages wants tesseract's names"),
        (("a", "--explain=yes"), "--explain takes no value"),
        (("a", "-x"), "there is no option -x"),
        (("a", "b", "--overlay", "o.png"), "--overlay draws one document"),
        (("a", "b", "--format", "html"), "several documents do not fit one page of HTML"),
        (("a", "--format", "ics", "--term-start", "2026-13-01"), ""),
        (("a", "--format", "ics", "--tz", "Mars/Base"), ""),
    ]
    for words, says in rows:
        got = home.run(home.trial, "read", *words)
        equal((got.code, got.out), (2, ""), f"{words}: {got.err}")
        contains(got.err, says, words)
        equal(got.err.count("\n"), 1, words)
        assert got.err.startswith("yogi: "), got.err


def test_options_may_stand_anywhere(home):
    home.file("-odd", "x")
    home.file("a", "x")
    equal(home.run(home.trial, "read", "--workers=1", "a", "--format", "csv").code, 0)
    got = home.run(home.trial, "read", "--format", "json", "--", "-odd")
    equal(got.code, 0, got)


def test_commands(home):
    got = home.run(home.trial, "raed", "x")
    equal((got.code, got.err), (2, "yogi: there is no command raed; did you mean read?\n"))
    got = home.run(home.trial, "photo.jpg")
    equal(got.code, 2)
    contains(got.err, "to read a file: yogi read photo.jpg")
    for words in ((), ("help",), ("--help",), ("-h",)):
        got = home.run(home.trial, *words)
        equal(got.code, 0)
        contains(got.out, "yogi read photo.jpg")
    for words in (("version",), ("--version",), ("read", "--version")):
        got = home.run(home.trial, *words)
        equal(got.code, 0)
        assert got.out.startswith("yogi ") and got.out.count("\n") == 1, got
    for name in re.findall(r"^  (\w+)", home.run(home.real, "help").out, re.M):  # as its last line promises
        if (home.build / f"bin/yogi-{name}").exists():
            got = home.run(home.real, name, "--help")
            equal((got.code, got.err), (0, ""), name)
            contains(got.out, f"yogi {name}")
    help_text = home.run(home.trial, "read", "--help").out
    for word in ("--format", "--out", "--engine", "--languages", "--pages", "--workers", "--gate", "--overlay", "--explain",
                 "--timing", "--term-start", "--term-end", "--tz", "Exit codes"):
        contains(help_text, word)


def test_settings(home):
    home.file("a", "x")
    got = home.run(home.trial, "read", "a", env={"YOGI_WROKERS": "2", "YOGI_GATE": "2", "YOGI_LOG_LEVEL": "loud"})
    equal((got.code, got.out), (2, ""))
    equal(sorted(l.split(":")[1].strip() for l in got.err.splitlines()), ["YOGI_GATE", "YOGI_LOG_LEVEL", "YOGI_WROKERS"])
    got = home.run(home.trial, "config", env={"YOGI_GATE": "0.75", "YOGI_WORKER_MEMORY": "512M"})
    equal(got.code, 0, got)
    contains(got.out, "\nYOGI_GATE=0.75\n")
    contains(got.out, "\nYOGI_WORKER_MEMORY=512M\n")
    contains(got.out, "\nYOGI_JOB_SECONDS=120\n")


# ---- folders ----


def test_folder(home):
    for name in ("w/b.png", "w/a.png", "w/.hidden", "w/sub/c.png", "w/.git/d.png", "w/sub/z/e.png"):
        home.file(name, f"pages 1\n{name}")
    home.file("w/notes.txt", "fail unsupported a text file")
    os.symlink(home.path / "w", home.path / "w" / "loop")
    got = home.run(home.trial, "read", "w", "--workers", "3")
    equal(got.code, 0, got)
    equal([d["document"]["filename"] for d in lines(got)], ["w/a.png", "w/b.png", "w/sub/c.png", "w/sub/z/e.png"])
    contains(got.err, "4 read (4 pages)")
    contains(got.err, "1 left out, not documents")
    assert "notes.txt" not in got.err, got.err
    named = home.run(home.trial, "read", "w/notes.txt")  # named, it is a failure
    equal(named.code, 4)


def test_folder_with_one_document_is_a_line_too(home):
    home.file("w/a", "x")
    equal(home.run(home.trial, "read", "w").out.count("\n"), 1)


def test_folder_without_documents(home):
    os.mkdir(home.path / "empty")
    home.file("texts/readme.txt", "fail unsupported a text file")
    home.file("good", "x")
    for folder in ("empty", "texts"):
        got = home.run(home.trial, "read", folder)
        equal(got.code, 3, got)
        contains(got.err, f"yogi: {folder}: there is no document in this folder")
    got = home.run(home.trial, "read", "empty", "good")
    equal(got.code, 3)
    contains(got.out, '"good"')


# ---- files ----


def test_out(home):
    for name in ("one.png", "two.pdf", "sub/one.jpg", "One.tif", "bad"):
        home.file(name, "fail damaged torn" if name == "bad" else f"{name}")
    for _ in range(2):  # the second time over the files of the first
        got = home.run(home.trial, "read", "one.png", "two.pdf", "sub/one.jpg", "One.tif", "bad", "--out", "new")
        equal((got.code, got.out), (4, ""), got)
        equal(home.names("new"), ["One-3.json", "one-2.json", "one.json", "two.json"])
    for name, content in (("one", "one.png"), ("one-2", "sub/one.jpg"), ("One-3", "One.tif"), ("two", "two.pdf")):
        text = (home.path / "new" / f"{name}.json").read_text()
        equal(block(json.loads(text)), content)
    home.run(home.trial, "read", "one.png", "--out", "new", "--format", "csv")
    assert (home.path / "new" / "one.csv").exists()


def test_out_never_writes_over_an_input(home):
    home.file("week.json", "the document itself")
    home.file("week.png", "another")
    got = home.run(home.trial, "read", "week.json", "week.png", "--out", ".")
    equal(got.code, 8, got)
    equal((home.path / "week.json").read_text(), "the document itself")
    contains(got.err, "is a document to be read and is not written over")
    equal(block(json.loads((home.path / "week-2.json").read_text())), "another")
    got = home.run(home.trial, "read", "week.png", "--overlay", "week.png")
    equal(got.code, 8, got)
    equal((home.path / "week.png").read_text(), "another")


def test_out_that_cannot_be_written(home):
    home.file("a", "x")
    home.file("file", "x")
    got = home.run(home.trial, "read", "a", "--out", "file")
    equal(got.code, 8, got)
    contains(got.err, "file")
    got = home.run(home.trial, "read", "a", "--out", "no/such/parent")
    equal(got.code, 8, got)
    contains(got.err, "yogi: the folder no/such/parent cannot be made: a folder of the path is missing; make it first")
    if os.geteuid() == 0:
        got = home.run(home.trial, "read", "a", "--out", "/proc/yogi")
        equal(got.code, 8, got)
    else:
        os.mkdir(home.path / "locked", 0o500)
        got = home.run(home.trial, "read", "a", "--out", "locked")
        equal(got.code, 8, got)
        contains(got.err, "no permission")


def test_only_files_are_written_over(home):
    """A device or a pipe that has the name of an output stays what it is."""
    home.file("a", "x")
    os.mkfifo(home.path / "pipe.png")
    os.symlink("/dev/null", home.path / "device.png")
    os.mkdir(home.path / "folder.png")
    for name in ("pipe.png", "device.png", "folder.png"):
        before = os.lstat(home.path / name)
        got = home.run(home.trial, "read", "a", "--overlay", name)
        equal(got.code, 8, got)
        contains(got.err, f"{name} is not a file and is not written over; choose another name")
        after = os.lstat(home.path / name)
        equal((before.st_ino, before.st_mode), (after.st_ino, after.st_mode), name)
    equal([name for name in home.names(".") if name.startswith(".yogi")], [])
    os.mkdir(home.path / "out")
    os.mkfifo(home.path / "out" / "a.json")
    got = home.run(home.trial, "read", "a", "--out", "out")
    equal(got.code, 8, got)
    equal(home.names("out"), ["a.json"])


def fill(folder):
    """Takes all the space that is left."""
    filler = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(filler, b"x" * 4096)
    except OSError:
        os.close(filler)


def test_full_disk(home):
    if os.geteuid() != 0:
        raise Skip("mounting a small disk needs root")
    disk = home.path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], capture_output=True).returncode:
        raise Skip("this machine mounts nothing")
    try:
        (disk / "a.json").write_text("before")
        home.file("a", "x" * 150 + "\n" + "y" * 150)
        home.file("b", "x")
        fill(disk)
        got = home.run(home.trial, "read", "a", "b", "--out", "disk")
        equal(got.code, 8, got)
        contains(got.err, "the disk is full; free some space or write elsewhere")
        equal(home.names("disk"), ["a.json", "filler"])
        equal((disk / "a.json").read_text(), "before")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_file_size_limit(home):
    """A write that stops in the middle leaves nothing behind."""
    home.file("a", "x" * 190)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    got = home.run(home.trial, "read", "a", "--out", "out", before=limit)
    equal(got.code, 8, got)
    contains(got.err, "larger than allowed")
    equal(home.names("out"), [])


def test_full_standard_output(home):
    home.file("a", "x")
    with open("/dev/full", "wb") as full:
        process = home.start(home.trial, "read", "a", stdout=full)
        _, err = process.communicate(timeout=60)
    equal(process.returncode, 8, err)
    contains(err.decode(), "the standard output cannot be written: the disk is full")


def test_closed_descriptors(home):
    home.file("a", "x")
    for closed, code, says in ((0, 0, ""), (1, 8, "the standard output cannot be written: it is closed; send"), (2, 0, "")):
        got = home.run(home.trial, "read", "a", before=lambda: os.close(closed))
        equal(got.code, code, got)
        contains(got.err, says)
    got = home.run(home.trial, "read", "-", before=lambda: os.close(0))
    equal(got.code, 3, got)
    contains(got.err, "yogi: standard input: cannot be read: it is closed; name a file")


def test_overlay(home):
    home.file("a", "x")
    os.mkdir(home.path / "pictures")
    for name in ("drawn.png", "pictures/drawn.png", str(home.path / "absolute.png")):
        got = home.run(home.trial, "read", "a", "--overlay", name)
        equal(got.code, 0, got)
        equal((home.path / name).read_bytes(), b"\x89PNG\r\n\x1a\npage - of 0 overlay - blocks x")
        equal(json.loads(got.out)["outcome"]["status"], "completed")


# ---- supervision ----


def test_crash_hang_memory(home):
    """Each fails with its own cause; documents before, between and after are read; the workers are replaced."""
    rows = {"crash": "crashed", "exit": "crashed", "babble": "bad-message", "hang": "timeout", "eat": "memory"}
    said = {"2": "nothing was heard of the worker for 2 s (YOGI_JOB_SECONDS)", "60": "more than the 300 MB it is allowed"}
    for stage in ("classification", "llm"):
        for seconds, manners in (("2", ("hang", "crash")), ("60", ("crash", "exit", "babble", "eat"))):  # eating takes its time
            names, wanted = [], []
            for manner in manners:
                names += [home.file(f"{manner}", f"{stage} {manner}"), home.file(f"good-{manner}", "x")]
                wanted += [rows[manner], None]
            got = home.run(home.trial, "read", *names, "--workers", "2",
                           env={"YOGI_JOB_SECONDS": seconds, "YOGI_WORKER_MEMORY": "300M"})
            equal([d["outcome"]["error"] for d in lines(got)], wanted, got)
            equal(got.code, 9 if "babble" not in manners else 1, got)  # one kind of cause, or several
            contains(got.err, said[seconds])


def test_many_short_runs(home):
    """Stages that are ready at any moment of the loop: none is waited for in vain."""
    home.file("a", "x")
    for _ in range(25):
        equal(home.run(home.trial, "read", "a").code, 0)


def test_progress_is_not_a_hang(home):
    """A document of many pages may take longer than the deadline as long as it moves on."""
    home.file("slow", "\n".join(["slow 700\npages 1", "slow 700\npages 2", "slow 700\npages 3"]))
    got = home.run(home.trial, "read", "slow", env={"YOGI_JOB_SECONDS": "1"})
    equal(got.code, 0, got)


def test_killed_worker(home):
    home.file("slow", "ocr hang")
    home.file("good", "x")
    process = home.start(home.trial, "read", "slow", "good", "--workers", "1")

    def ocr():
        return [p for p, line in children(process.pid).items() if line.endswith(" ocr")]

    def hangs(pid):  # it waits in poll, its job is taken
        return (os.stat(f"/proc/{pid}"), open(f"/proc/{pid}/fdinfo/3").read()) and \
            os.path.exists(f"/proc/{pid}/map_files") and "memfd" in open(f"/proc/{pid}/maps").read()

    pid = wait_for(ocr, "the worker of the stage ocr", process)[0]
    wait_for(lambda: hangs(pid), "the document in the worker", process)
    os.kill(pid, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    documents = [json.loads(line) for line in out.splitlines()]
    equal([d["outcome"]["error"] for d in documents], ["killed", None], err)
    contains(err.decode(), "yogi: slow: ocr: the worker was ended by signal 9 (Killed)")
    equal(process.returncode, 9)
    assert not is_alive(pid)


def test_no_worker(home):
    """A broken installation is said once for each document, and does not go on for ever."""
    import shutil
    shutil.copy(home.trial, home.path / "yogi")
    home.file("a", "x")
    got = home.run(home.path / "yogi", "read", "a", "a")
    equal(got.code, 1, got)
    contains(got.err, "yogi-worker cannot be started; it last said:")
    contains(got.err, "No such file or directory")


def test_workers_die_with_their_parent(home):
    home.file("a", "ocr hang")
    process = home.start(home.trial, "read", "a")
    pids = wait_for(lambda: len(children(process.pid)) >= 2 and list(children(process.pid)), "two workers", process)
    process.kill()
    process.communicate(timeout=30)
    wait_for(lambda: not any(map(is_alive, pids)), "the end of the workers")


def test_talk_of_workers_is_kept_from_the_terminal(home):
    home.file("a", "say \x1b[2Jlibrary chatter\nok")
    got = home.run(home.trial, "read", "a")
    equal((got.code, got.err), (0, ""))
    home.file("b", "say last words\ncrash")
    got = home.run(home.trial, "read", "b", env={"YOGI_LOG_LEVEL": "warning"})
    record = json.loads(got.err.splitlines()[0])
    equal((record["event"], record["stage"], record["fault"]), ("worker.gone", "classification", "crashed"))
    contains(record["said"], "last words")


# ---- signals and pipes ----


def interrupted(home, number):
    home.file("good", "x")
    home.file("a", "ocr hang")
    process = home.start(home.trial, "read", "good", "a", "--out", "out", "--workers", "1")
    wait_for(lambda: (home.path / "out" / "good.json").exists(), "the first result", process)
    pids = list(wait_for(lambda: children(process.pid), "workers", process))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    equal(process.returncode, 128 + number, err)
    equal(err.decode(), "yogi: interrupted after 1 of 2 documents; read the others in another run\n")
    equal(home.names("out"), ["good.json"])
    json.loads((home.path / "out" / "good.json").read_text())
    wait_for(lambda: not any(map(is_alive, pids)), "the end of the workers")


def test_interrupt(home):
    interrupted(home, signal.SIGINT)


def test_terminate(home):
    interrupted(home, signal.SIGTERM)


def test_interrupt_while_waiting_for_input(home):
    process = home.start(home.trial, "read", "-", stdin=subprocess.PIPE)
    wait_for(lambda: "SigBlk:\t0000000000004003" in open(f"/proc/{process.pid}/status").read(), "signals", process)
    process.send_signal(signal.SIGINT)
    equal(process.wait(timeout=30), 130)
    process.communicate()


def is_idle(pid):
    """Whether the process and its children use no CPU for half a second."""
    def used():
        stats = [Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split() for p in [pid, *children(pid)]]
        return [stat[11:13] for stat in stats]
    try:
        before = used()
        time.sleep(0.5)
        return used() == before
    except FileNotFoundError:  # one of them has just ended
        return False


def test_interrupt_while_the_reader_waits(home):
    """Nobody reads the pipe: the command must still hear Ctrl-C."""
    names = [home.file(f"w{i}", "x" * 190) for i in range(30)] * 20
    process = home.start(home.trial, "read", *names, "--workers", "2")
    fd = process.stdout.fileno()
    fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)  # one page: a first line fills it, whatever the system gives a pipe
    wait_for(lambda: struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0"))[0] > 0, "a full pipe", process)
    wait_for(lambda: is_idle(process.pid), "the command to wait", process)
    process.send_signal(signal.SIGINT)
    equal(process.wait(timeout=30), 130)
    process.communicate()


def test_closed_pipe(home):
    names = [home.file(f"w{i}", "x" * 190) for i in range(30)] * 20
    process = home.start(home.trial, "read", *names)
    line = process.stdout.readline()
    json.loads(line)
    process.stdout.close()
    err = process.stderr.read()
    equal(process.wait(timeout=60), 141, err)
    equal(err, b"")


def test_pipe_closed_while_nothing_is_written(home):
    home.file("a", "hang")
    process = home.start(home.trial, "read", "a")
    wait_for(lambda: children(process.pid), "a worker", process)
    process.stdout.close()
    equal(process.wait(timeout=60), 141)
    equal(process.stderr.read(), b"")


# ---- a terminal ----


def on_terminal(home, *arguments, columns=100):
    """Runs with a terminal as standard output and error; what it showed, and the exit code."""
    main_end, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen([str(home.trial), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=terminal,
                               stderr=terminal, cwd=home.path, env=home.environment({"TERM": "xterm"}))
    os.close(terminal)
    shown = b""
    while select.select([main_end], [], [], 60)[0]:
        try:
            part = os.read(main_end, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(main_end)
    return shown.decode(), process.wait(timeout=60)


def test_table_is_the_default_on_a_terminal(home):
    home.file("a", "Maths lesson")
    shown, code = on_terminal(home, "read", "a")
    equal(code, 0, shown)
    contains(shown, "Maths lesson")
    assert '"timetables"' not in shown, shown


def test_progress_bar(home):
    names = [home.file(f"w{i}", "ocr slow 300\nx") for i in range(6)]
    shown, code = on_terminal(home, "read", *names, "--workers", "1", "--format", "csv")
    equal(code, 0, shown)
    contains(shown, "/6")
    contains(shown, "s left")
    contains(shown, "ocr")
    contains(shown, "\r\x1b[K")
    drawn = shown.count("\r\x1b[K")
    assert drawn < 60, f"drawn {drawn} times in about 2 s"
    quiet = home.run(home.trial, "read", *names, "--workers", "2")
    assert "\x1b" not in quiet.err, quiet.err


if __name__ == "__main__":
    main(sys.modules[__name__])
