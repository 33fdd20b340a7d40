"""A dossier as msgpack, for the tests of the forms: written here by hand so that what they read does not come from our writer."""
import struct


def pack(value):
    if value is None:
        return b"\xc0"
    if value is True or value is False:
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogateescape")
        return b"\xdb" + struct.pack(">I", len(data)) + data
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(pack(item) for item in value)
    if isinstance(value, dict):
        return b"\xdf" + struct.pack(">I", len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    raise TypeError(type(value))


def block(day, start, end, name, notes=None, **more):
    made = {"id": None, "day": day, "name": name, "startTime": start, "endTime": end, "notes": notes, "inferred": [],
            "confidence": 0.97, "page": 1, "box": {"x": 10, "y": 20, "w": 30, "h": 40}, "week": None}
    made.update(more)
    return made


def dossier(timetables, **more):
    """timetables: a list of dicts with timeblocks; ids are given here."""
    number = 0
    for table in timetables:
        for key in ("teacher", "className", "term", "school", "week"):
            table.setdefault(key, None)
        table.setdefault("year", None)
        table.setdefault("confidence", 0.97)
        table.setdefault("page", 1)
        for item in table["timeblocks"]:
            number += 1
            item["id"] = item["id"] or f"b{number}"
    made = {"v": 1,
            "document": {"id": "0", "filename": "photo.jpg", "source": "file:///secret", "media": "image/jpeg",
                         "bytes": 1234, "sha256": "ab" * 32},
            "options": {"languages": ["eng"], "engine": "rules", "gate": 0.9},
            "classification": {"kind": "image", "pages": 1, "orientation": 0, "timetable": 0.99, "language": "eng"},
            "pages": [], "timetables": timetables, "checks": [],
            "outcome": {"status": "completed", "confidence": 0.97, "error": None}, "trail": []}
    made.update(more)
    return made
