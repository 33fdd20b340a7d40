#!/usr/bin/python3
"""What jobs of BullMQ carry and return, on documents that were really read, against the schemas beside the code and by a
validator that is not ours; what one stage returns is what the next one takes."""
import copy
import json
import sys
import urllib.parse

import jsonschema

from harness import contains, equal, main

urllib.parse.uses_relative.append("urn")  # what Python's join of URLs needs to know, and validators use it
urllib.parse.uses_fragment.append("urn")
STAGES = ["classification", "ocr", "llm", "validation"]
DOCUMENTS = ["synth/syn-01-png.png", "schools/uk-primary-3.docx"]


def validators(home):
    """By file name, "ocr.result" and so on."""
    folder = home.root / "actors" / "bridge" / "papers"
    schemas = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in folder.glob("*.schema.json")}
    equal(len(schemas), 9)
    store = {schema["$id"]: schema for schema in schemas.values()}
    shown = json.loads((home.root / "proto" / "dossier.schema.json").read_text())
    store[shown["$id"]] = shown
    made = {}
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
        made[name] = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return made


def faults(validator, value):
    return [f"{list(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(value)]


class Papers:
    def __init__(self, home):
        self.home, self.tool = home, home.build / "bin" / "paperwork"
        self.env = {"YOGI_SOURCE_ROOTS": str(home.root / "tests" / "fixtures"), "YOGI_SOURCE_ENDPOINTS": "https://files.example",
                    "S3_BUCKET": "papers", "S3_ENDPOINT": "http://127.0.0.1:9000", "AWS_ACCESS_KEY_ID": "id",
                    "AWS_SECRET_ACCESS_KEY": "secret"}

    def payload(self, stage, data, *previous, env=None):
        """(begin, dossier), or the refusal as a text."""
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        got = self.home.run(self.tool, "payload", stage, *previous, stdin=data, env=self.env if env is None else env)
        if got.code == 1:
            return got.out.strip()
        equal((got.code, got.err), (0, ""), got)
        read = json.loads(got.out)
        return read["begin"], read["dossier"]

    def through(self, document, stages, *start):
        """The dossier of a document after these stages, as msgpack in a file."""
        name = f"{len(self.home.names())}.msgpack"
        path = self.home.root / "tests" / "fixtures" / document
        got = self.home.run(self.home.build / "bin" / "through", "-s", ",".join(stages), "-o", name, *start, path)
        equal((got.code, got.err), (0, ""), got)
        return self.home.path / name

    def write(self, what, dossier, *how):
        got = self.home.run(self.tool, what, *how, stdin=dossier.read_bytes())
        equal((got.code, got.err), (0, ""), got)
        return json.loads(got.out)

    def returned(self, stage, dossier, value):
        got = self.home.run(self.tool, "returned", stage, dossier, stdin=json.dumps(value).encode())
        if got.code == 1:
            return got.out.strip()
        equal((got.code, got.err), (0, ""), got)
        return json.loads(got.out)


def blocks(dossier):
    return [{k: block[k] for k in ("day", "startTime", "endTime", "name", "notes", "week")}
            for table in dossier["timetables"] for block in table["timeblocks"]]


def test_results_keep_to_their_schemas(home):
    papers, schemas = Papers(home), validators(home)
    for document in DOCUMENTS:
        dossier = None
        for count in range(1, 5):
            stage = STAGES[count - 1]
            dossier = papers.through(document, [stage], *(["-d", dossier] if dossier else []))
            result = papers.write("result", dossier, stage)
            equal(faults(schemas[f"{stage}.result"], result), [], (document, stage))
            data = papers.write("data", dossier, stage)
            if stage != "validation":  # what a job for the next stage carries
                after = STAGES[count]
                data["documentId"] = "week"
                data["url"] = "https://files.example/a"
                equal(faults(schemas[f"{after}.payload"], data), [], (document, after))
        whole = papers.write("result", dossier, "classification", "through")
        equal(faults(schemas["classification.result"], whole), [], document)
        assert whole["timetables"] and whole["status"] in ("completed", "needs_review"), whole.keys()
        assert len(blocks(whole)) > 20, document


def test_text_words_and_pages(home):
    papers = Papers(home)
    result = papers.write("result", papers.through(DOCUMENTS[0], STAGES[:2]), "ocr")
    contains(result["text"], "Monday\nTuesday\nWednesday")
    equal({word["page"] for word in result["words"]}, {1})
    equal(" ".join(word["text"] for word in result["words"]).split(), result["text"].split())
    assert 0.5 < result["confidence"] <= 1 and result["engine"], result["engine"]
    equal([page["number"] for page in result["pages"]], [1])
    assert len(result["pages"][0]["cells"]) > 20 and "words" not in result["pages"][0]


def test_the_next_stage_takes_what_one_returns(home):
    """From job to job by JSON alone, the same timetable comes out as in one run."""
    papers = Papers(home)
    for document in DOCUMENTS:
        classified = papers.through(document, STAGES[:1])
        read = papers.through(document, ["ocr"], "-d", classified)
        straight = papers.write("result", papers.through(document, STAGES[2:], "-d", read), "validation")
        ocr, first = papers.write("result", read, "ocr"), papers.write("result", classified, "classification")
        begin, dossier = papers.payload("llm", {"documentId": "a", "ocr": ocr, "classification": first["classification"]})
        equal(begin, "llm")
        beside = papers.payload("llm", {"documentId": "a", "classification": first["classification"], **{k: v for k, v in ocr.items() if k != "documentId"}})
        equal(beside, (begin, dossier), "what one returns may stand in the data as it is")
        second = papers.through(document, ["llm"], "-d", packed(home, dossier))
        llm = papers.write("result", second, "llm")
        begin, dossier = papers.payload("validation", {"documentId": "a", **llm, "ocrResult": ocr})
        equal(begin, "validation")
        third = papers.write("result", papers.through(document, ["validation"], "-d", packed(home, dossier)), "validation")
        equal(blocks(third), blocks(straight), document)


def packed(home, dossier):
    from forms_dossier import pack
    path = home.path / f"{len(home.names())}.packed"
    path.write_bytes(pack(dossier))
    return path


def test_what_begins_where(home):
    papers, schemas = Papers(home), validators(home)
    picture = {"documentId": "a", "imagePath": "synth/syn-01-png.png"}
    words = [{"text": "Monday", "box": {"x": 10, "y": 10, "w": 90, "h": 20}}]
    tables = [{"timeblocks": [{"day": "Monday", "name": "Maths"}]}]
    kind = {"kind": "image", "pages": 1, "orientation": 0, "timetable": 1, "language": None}
    for stage, data, begin in [
            ("classification", picture, "classification"),
            ("ocr", picture, "classification"),
            ("ocr", {**picture, "classification": kind}, "ocr"),
            ("llm", picture, "classification"),
            ("llm", {**picture, "classification": kind}, "ocr"),
            ("llm", {"documentId": "a", "words": words}, "llm"),
            ("llm", {"documentId": "a", "text": "Monday 9:00 Maths"}, "llm"),
            ("llm", {"documentId": "a", "result": {"text": "Monday", "words": 1, "pages": 1}}, "llm"),
            ("llm", {"documentId": "a", "ocrResult": {"pages": [{"number": 1, "width": 9, "height": 9, "words": words}]}}, "llm"),
            ("validation", {**picture, "words": words}, "llm"),
            ("llm", {**picture, "timetables": tables}, "classification"),
            ("llm", {**picture, "classification": kind, "timetables": tables}, "ocr"),
            ("validation", {"documentId": "a", "timetables": tables}, "validation"),
            ("validation", {"documentId": "a", "llm": {"timetables": tables}}, "validation"),
            ("classification", {**picture, "timetables": tables}, "classification")]:
        equal(papers.payload(stage, data)[0], begin, (stage, data))
        equal(faults(schemas[f"{stage}.payload"], data), [], (stage, data))
    equal(papers.payload("llm", {"documentId": "a"}, json.dumps({"words": words}))[0], "llm", "a child returned it")


def test_documents_and_options(home):
    papers = Papers(home)
    _, dossier = papers.payload("ocr", {"documentId": "week 17/b", "imagePath": "./synth/syn-01-png.png", "languages": "eng+deu",
                                        "options": {"gate": 0.5, "pages": "1-3", "engine": "rules"}})
    equal(dossier["document"]["id"], "week 17/b")
    equal(dossier["document"]["filename"], "syn-01-png.png")
    equal(dossier["document"]["source"], f"file://{home.root}/tests/fixtures/synth/syn-01-png.png")
    equal(dossier["options"], {"languages": ["eng", "deu"], "engine": "rules", "pages": "1-3", "gate": 0.5})
    _, dossier = papers.payload("ocr", {"documentId": 17, "s3Key": "uploads/week 1.pdf"})
    equal((dossier["document"]["id"], dossier["document"]["path"]), ("17", "uploads/week 1.pdf"))
    contains(dossier["document"]["source"], "http://127.0.0.1:9000/papers/uploads/week%201.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256")
    equal(dossier["options"], {"languages": [], "engine": "rules", "gate": 0.9}, "the settings' own")
    assert papers.payload("ocr", {"documentId": "a", "s3Key": "s3://papers/x.pdf"})[1]["document"]["source"].startswith(
        "http://127.0.0.1:9000/papers/x.pdf?")
    _, dossier = papers.payload("ocr", {"documentId": "a", "url": "https://files.example/a/b.pdf?sig=1", "filename": "Week\u202e.pdf"})
    equal(dossier["document"]["source"], "https://files.example/a/b.pdf?sig=1")
    assert "path" not in dossier["document"] and "\u202e" not in dossier["document"]["filename"], dossier["document"]


REFUSED = [  # stage, data, what the reason says
    ("ocr", b"{", "the job's data is no JSON"),
    ("ocr", b"\xff", "the job's data is no JSON"),
    ("ocr", [], "the job's data is no JSON object"),
    ("ocr", "week", "the job's data is no JSON object"),
    ("ocr", {}, "documentId is missing"),
    ("ocr", {"documentId": ""}, "documentId is missing"),
    ("ocr", {"documentId": None, "url": "https://files.example/a"}, "documentId is missing"),
    ("ocr", {"documentId": {"a": 1}, "url": "https://files.example/a"}, "not a text in documentId"),
    ("ocr", {"documentId": "a" * 513, "url": "https://files.example/a"}, "text too long in documentId"),
    ("ocr", {"documentId": "a\nb", "url": "https://files.example/a"}, "documentId has control characters"),
    ("ocr", {"documentId": "a"}, "it names no document: s3Key, imagePath or url"),
    ("ocr", {"documentId": "a\0b", "url": "https://files.example/a"}, "documentId has something in it that is no character"),
    ("ocr", b'{"documentId": "a\\ud83d", "url": "https://files.example/a"}', "documentId has something in it that is no character"),
    ("llm", {"documentId": "a"}, "or the pages that the stage ocr has found"),
    ("llm", {"documentId": "a", "timetables": []}, "or the pages that the stage ocr has found"),
    ("validation", {"documentId": "a"}, "or the timetables that the stage llm has found"),
    ("ocr", {"documentId": "a", "url": "https://files.example/a", "s3Key": "b"}, "more than once"),
    ("ocr", {"documentId": "a", "url": "https://other.example/a?sig=secret"}, "YOGI_SOURCE_ENDPOINTS"),
    ("ocr", {"documentId": "a", "url": "gopher://files.example/"}, "only file, http and https"),
    ("ocr", {"documentId": "a", "url": 7}, "not a text in url"),
    ("ocr", {"documentId": "a", "imagePath": "/etc/passwd"}, "YOGI_SOURCE_ROOTS"),
    ("ocr", {"documentId": "a", "imagePath": "../../README.md"}, "goes through .."),
    ("ocr", {"documentId": "a", "imagePath": "synth/../../../README.md"}, "goes through .."),
    ("ocr", {"documentId": "a", "imagePath": "nowhere.png"}, "there is no such file"),
    ("ocr", {"documentId": "a", "s3Key": "s3://theirs/x"}, "another bucket than papers"),
    ("ocr", {"documentId": "a", "s3Key": ""}, "s3Key is a text of 1 to 1024 bytes"),
    ("ocr", {"documentId": "a", "s3Key": "x" * 1025}, "text too long in s3Key"),
    ("ocr", {"documentId": "a", "s3Key": "x", "options": {"gate": 2}}, "number out of range in gate"),
    ("ocr", {"documentId": "a", "s3Key": "x", "options": {"gate": "high"}}, "not a number in gate"),
    ("ocr", {"documentId": "a", "s3Key": "x", "options": []}, "options"),
    ("ocr", {"documentId": "a", "s3Key": "x", "languages": "../eng"}, "is no language"),
    ("ocr", {"documentId": "a", "s3Key": "x", "options": {"pages": "all"}}, "is no list such as 1-3,5"),
    ("ocr", {"documentId": "a", "s3Key": "x", "classification": 1}, "classification"),
    ("ocr", {"documentId": "a", "s3Key": "x", "yogi": {"stage": "ocr", "run": "r", "attempt": 1}}, "go round for ever"),
    ("llm", {"documentId": "a", "words": [{"text": "a b", "box": {}}]}, "words[0]: its text is more than one word"),
    ("llm", {"documentId": "a", "words": [{"text": "a"}]}, "words[0]: "),
    ("llm", {"documentId": "a", "words": [{"text": "a", "box": {}, "cell": 0}]}, "in the cell 0"),
    ("llm", {"documentId": "a", "words": [{"text": "a", "box": {}, "page": 0}]}, "words[0]: it is on page 0"),
    ("llm", {"documentId": "a", "ocr": {"words": {}}}, "ocr: words is no list"),
    ("llm", {"documentId": "a", "pages": [{"number": 1}]}, "pages[0]: a key is missing in width"),
    ("llm", {"documentId": "a", "pages": [{"number": 1, "width": 1, "height": 1}] * 2}, "is another's too"),
    ("llm", {"documentId": "a", "text": "x", "confidence": 95}, "confidence is a number from 0 to 1"),
    ("llm", {"documentId": "a", "text": ("a " * 11 + "\n") * 4999}, "page 1: "),
    ("llm", {"documentId": "a", "text": "a\n" + "a b " * 600}, "line 2 of text has more than 2000 columns"),
    ("llm", {"documentId": "a", "text": "a\n" * 5001}, "text has more than 5000 lines"),
    ("llm", {"documentId": "a", "text": "a" * 1025}, "page 1: text too long in text"),
    ("llm", {"documentId": "a", "words": [{"text": "a", "box": {}}] * 50001}, "page 1: "),
    ("llm", {"documentId": "a", "words": [{"text": "a", "box": {"x": 200000, "w": 1}, "page": 2}]}, "page 2: number out of range in width"),
    ("validation", {"documentId": "a", "timetables": {}}, "timetables"),
    ("validation", {"documentId": "a", "llm": {"timetables": [{"timeblocks": [{"name": "x"}]}]}}, "timetables[0].timeblocks[0] has no day"),
]


def test_refused(home):
    """With a sentence that says what; no secret of a URL in it."""
    papers = Papers(home)
    for stage, data, why in REFUSED:
        got = papers.payload(stage, data)
        assert isinstance(got, str) and got.startswith("refused input: "), (data, got)
        contains(got, why, data)
        assert "secret" not in got, got
    bare = papers.payload("ocr", {"documentId": "a", "s3Key": "x"}, env={})
    contains(bare, "none is set here (S3_BUCKET)")
    contains(papers.payload("ocr", {"documentId": "a", "imagePath": "x"}, env={}), "no folder may be read here (YOGI_SOURCE_ROOTS)")


def test_what_workers_return(home):
    """Of others: what is there goes into the dossier, what is missing is said."""
    papers, document = Papers(home), DOCUMENTS[0]
    base = papers.through(document, ["classification"])
    got = papers.returned("ocr", base, {"text": "Monday\t9:00\n\nTuesday 10:00", "confidence": 0.8, "engine": "theirs"})
    equal(got["engine"], "theirs")
    page = got["dossier"]["pages"][0]
    equal([(word["text"], word["line"], word["box"]["x"], word["confidence"]) for word in page["words"]],
          [("Monday", 0, 0, 0.8), ("9:00", 0, 96, 0.8), ("Tuesday", 2, 0, 0.8), ("10:00", 2, 96, 0.8)])
    assert page["width"] >= 96 + 60 and got["dossier"]["classification"]["kind"] == "image", page["width"]
    got = papers.returned("ocr", base, {"words": [
        {"text": text, "box": {"x": x, "y": y, "w": 40, "h": 20}, "page": number}
        for text, x, y, number in [("a", 0, 0, 2), ("b", 50, 5, 2), ("c", 0, 30, 2), ("d", 0, 0, 1)]]})
    equal([(p["number"], [(w["text"], w["line"], w["cell"]) for w in p["words"]]) for p in got["dossier"]["pages"]],
          [(2, [("a", 0, -1), ("b", 0, -1), ("c", 1, -1)]), (1, [("d", 0, -1)])])
    table = {"timeblocks": [{"day": "Monday", "startTime": "09:00", "endTime": "10:00", "name": "Maths"}], "confidence": 0.7}
    got = papers.returned("llm", base, {"timetables": [table]})["dossier"]
    equal((got["timetables"][0]["timeblocks"][0]["id"], got["timetables"][0]["confidence"]), ("b1", 0.7))
    got = papers.returned("validation", base, {"timetables": [table]})["dossier"]
    equal((got["outcome"]["status"], got["outcome"]["confidence"]), ("needs_review", 0.7), "below the gate")
    got = papers.returned("validation", base, {"timetables": [table], "status": "needs_review", "checks": [
        {"rule": "overlap", "severity": "warning", "blocks": ["b1"], "message": "they overlap"}]})["dossier"]
    equal((got["outcome"]["status"], got["checks"][0]["rule"]), ("needs_review", "overlap"))
    for stage, value, why in [("ocr", {}, "pages, words or text missing"), ("llm", {"text": ""}, "timetables missing"),
                              ("llm", None, "is no JSON object"), ("validation", {"timetables": [table], "status": "fine"}, "status is"),
                              ("classification", {"kind": "image"}, "classification missing"),
                              ("llm", {"timetables": [{"timeblocks": [{"day": 1}]}]}, "not a text in day")]:
        contains(papers.returned(stage, base, value), why)


def test_schemas_notice_what_is_wrong(home):
    papers, schemas = Papers(home), validators(home)
    good = papers.write("result", papers.through(DOCUMENTS[0], STAGES[:2]), "ocr")
    for change in [lambda r: r.pop("text"), lambda r: r.update(more=1), lambda r: r["words"][0].pop("page"),
                   lambda r: r["words"][0].update(text="a b"), lambda r: r.update(confidence=2), lambda r: r["pages"][0].pop("width")]:
        bad = copy.deepcopy(good)
        change(bad)
        assert faults(schemas["ocr.result"], bad), bad.keys()
    for data in [{}, {"documentId": "a"}, {"documentId": "a", "s3Key": "x", "url": "y"}, {"documentId": "", "s3Key": "x"}]:
        assert faults(schemas["ocr.payload"], data), data
    assert faults(schemas["llm.payload"], {"documentId": "a", "ocr": {"text": ""}})


if __name__ == "__main__":
    main(sys.modules[__name__])
