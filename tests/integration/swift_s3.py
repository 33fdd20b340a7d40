"""swift_s3: OpenStack Swift with its S3 interface, on a free port of 127.0.0.1: a second opinion on signatures.

    with swift_s3.server(home, bucket) as endpoint:
        swift_s3.ID, swift_s3.SECRET
"""
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from harness import Skip

ID, SECRET = "school:yogi", "not/a+real/secret"
PROGRAM = Path(__file__).resolve().parents[1] / "tools" / "swift_server.py"


def ask(method, url, **headers):
    request = urllib.request.Request(url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(answer.headers)


@contextmanager
def server(home, bucket):
    if subprocess.run([sys.executable, "-c", "import swift.proxy.server"], capture_output=True).returncode != 0:
        raise Skip("Swift is not here (package python3-swift)")
    folder = home.path / "swift"
    (folder / "one").mkdir(parents=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-B", PROGRAM, folder, ID, SECRET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    try:
        line = process.stdout.readline().decode()
        assert line.startswith("ready "), (folder / "log").read_text()
        endpoint = f"http://127.0.0.1:{line.split()[1]}"
        # a bucket is a container of Swift's, made by its own interface
        session = ask("GET", f"{endpoint}/auth/v1.0", X_Storage_User=ID, X_Storage_Pass=SECRET)
        ask("PUT", f"{session['X-Storage-Url']}/{bucket}", X_Auth_Token=session["X-Auth-Token"])
        yield endpoint
    finally:
        process.kill()
        process.wait()
