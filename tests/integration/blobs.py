#!/usr/bin/python3
"""Blobs in a folder and in a bucket of a real S3 server (Ceph's radosgw): the same conformance suite on both; signatures,
presigned URLs, every source of credentials, servers that are away, disks that are full."""
import hashlib
import http.server
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

import rgw
import swift_s3
from harness import contains, equal, main

BUCKET = "yogi-papers"
CONTENT = b"a week in bytes " * 5000
KEY = "school/" + hashlib.sha256(CONTENT).hexdigest()


def settings(s3, **more):
    return {"S3_ENDPOINT": s3.endpoint, "S3_BUCKET": BUCKET, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": rgw.ID,
            "AWS_SECRET_ACCESS_KEY": rgw.SECRET, **more}


def make_bucket(s3, *more):
    rgw.make_bucket(s3, BUCKET, *more)


def put(s3, path, content, *more):
    """A bucket, or what is in one, by curl, whose signatures are not ours."""
    done = subprocess.run(["curl", "-sS", "--fail-with-body", *more, "-X", "PUT", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                           f"{rgw.ID}:{rgw.SECRET}", "-H", "x-amz-content-sha256: " + hashlib.sha256(content).hexdigest(),
                           "--data-binary", "@-", f"{s3.endpoint}/{path}"], input=content, capture_output=True, timeout=60)
    equal(done.returncode, 0, done)


def conform(home, *arguments, env=None):
    got = home.run(home.build / "bin" / "blobs_conform", *arguments, env=env)
    equal(got.code, 0, got)


def blob(home, *arguments, env, before=None):
    return home.run(home.build / "bin" / "blob", *arguments, env=env, before=before)


def good(home, *arguments, env):
    got = blob(home, *arguments, env=env)
    equal((got.code, got.err), (0, ""), got)
    return got


def refused(home, *arguments, env, says, kind="setting"):
    got = blob(home, *arguments, env=env)
    equal((got.code, got.out), (1, ""), got)
    equal(got.err.count("\n"), 1, got.err)
    assert got.err.startswith(kind + ": "), got.err
    contains(got.err, says)
    assert rgw.SECRET not in got.err


def test_folder_conforms(home):
    conform(home, "files", home.path / "blobs")
    modes = {stat.S_IMODE(os.lstat(home.path / "blobs" / name).st_mode) for name in (".", "school", "another")}
    equal(modes, {0o700})


def test_bucket_conforms(home):
    with rgw.server(home) as s3:
        make_bucket(s3)
        conform(home, "s3", env=settings(s3))


def test_bucket_below_a_prefix(home):
    """The same below a prefix, beside which nothing is seen: another's blobs, and those of no prefix."""
    with rgw.server(home) as s3:
        make_bucket(s3)
        home.file("content", CONTENT)
        good(home, "put", "school", home.path / "content", env=settings(s3))
        conform(home, "s3", env=settings(s3, S3_PREFIX="/schools/one/"))
        refused(home, "get", KEY, env=settings(s3, S3_PREFIX="schools/two"), says="there is no object schools/two/" + KEY, kind="input")
        equal(good(home, "get", KEY, env=settings(s3)).raw, CONTENT)
        url = good(home, "url", KEY, "60", env=settings(s3, S3_PREFIX="schools/two")).out
        contains(url, f"/{BUCKET}/schools/two/{KEY}?")


def test_bucket_in_the_host_name_over_tls(home):
    key = home.path / "key.pem"
    done = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=s3.localhost", "-addext",
                           f"subjectAltName=DNS:s3.localhost,DNS:{BUCKET}.s3.localhost,IP:127.0.0.1", "-keyout", key, "-out",
                           home.path / "cert.pem"], capture_output=True)
    equal(done.returncode, 0, done)
    both = home.path / "both.pem"
    both.write_bytes(key.read_bytes() + (home.path / "cert.pem").read_bytes())
    both.chmod(0o644)
    authorities = str(home.path / "cert.pem")
    with rgw.server(home, tls=both) as s3:
        make_bucket(s3, "--cacert", authorities)
        host = s3.endpoint.replace("127.0.0.1", "s3.localhost")
        conform(home, "s3", env=settings(s3, S3_ENDPOINT=host, S3_ADDRESSING="virtual", AUTHORITIES=authorities))
        refused(home, "check", env=settings(s3), says="certificate is not trusted")


def test_presigned_urls(home):
    home.file("week", CONTENT)
    with rgw.server(home) as s3:
        make_bucket(s3)
        env = settings(s3)
        equal(good(home, "put", "school", "week", env=env).out.strip(), KEY)
        equal(rgw.fetch(f"{s3.endpoint}/{BUCKET}/{KEY}")[0], 403)
        url = good(home, "url", KEY, "300", env=env).out.strip()
        equal(rgw.fetch(url), (200, CONTENT))
        equal(rgw.fetch(url, headers={"Range": "bytes=5-9"}), (206, CONTENT[5:10]))
        equal(rgw.fetch(url, method="DELETE")[0], 403)
        equal(rgw.fetch(url.replace("school", "others"))[0], 403)
        equal(rgw.fetch(url.replace("Expires=300", "Expires=3000"))[0], 403)
        last = "0" if url[-1] != "0" else "1"
        equal(rgw.fetch(url[:-1] + last)[0], 403)
        short = good(home, "url", KEY, "1", env=env).out.strip()
        end = time.monotonic() + 30
        while rgw.fetch(short)[0] != 403:
            assert time.monotonic() < end, "it never expires"
        outside = good(home, "url", KEY, "300", env={**env, "S3_PUBLIC_ENDPOINT": "https://files.example.org"}).out
        assert outside.startswith(f"https://files.example.org/{BUCKET}/school/"), outside


def test_signatures_by_another_server(home):
    """Swift reads signatures by a program of its own: in headers and in URLs, of names that must be encoded, of parts."""
    large = os.urandom((16 << 20) + 70000)  # in parts, the last of which is larger than what goes in one piece
    home.file("week", CONTENT)
    home.file("small", CONTENT[:1000])
    home.file("large", large)
    with swift_s3.server(home, BUCKET) as endpoint:
        env = {"S3_ENDPOINT": endpoint, "S3_BUCKET": BUCKET, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": swift_s3.ID,
               "AWS_SECRET_ACCESS_KEY": swift_s3.SECRET}
        for prefix in ("", "a b+c/é~(1)"):
            env["S3_PREFIX"] = prefix
            good(home, "check", env=env)
            for name, content in (("small", CONTENT[:1000]), ("week", CONTENT), ("large", large)):
                key = good(home, "put", "school", name, env=env).out.strip()
                equal(good(home, "get", key, env=env).raw, content)
                url = good(home, "url", key, "300", env=env).out.strip()
                equal(rgw.fetch(url), (200, content))
                equal(rgw.fetch(url.replace("Expires=300", "Expires=3000"))[0], 403)
                good(home, "remove", key, env=env)
                refused(home, "get", key, env=env, says="there is no object", kind="input")
        for name, value in (("AWS_SECRET_ACCESS_KEY", "wrong"), ("AWS_ACCESS_KEY_ID", "school:nobody")):
            refused(home, "check", env={**env, name: value}, says="refuses these credentials")


def test_wrong_settings(home):
    with rgw.server(home) as s3:
        make_bucket(s3)
        env = settings(s3)
        refused(home, "check", env={**env, "AWS_SECRET_ACCESS_KEY": "wrong"}, says="refuses these credentials")
        refused(home, "check", env={**env, "AWS_ACCESS_KEY_ID": "AKIAWRONG"}, says="refuses these credentials")
        refused(home, "check", env={**env, "S3_BUCKET": "not-there"}, says="there is no bucket not-there")
        refused(home, "check", env={**env, "S3_BUCKET": ""}, says="S3_BUCKET is not set")
        refused(home, "check", env={**env, "S3_ENDPOINT": "minio"}, says="S3_ENDPOINT")
        refused(home, "check", env={k: v for k, v in env.items() if k != "AWS_SECRET_ACCESS_KEY"}, says="belong together")
        refused(home, "check", env={k: v for k, v in env.items() if not k.startswith("AWS_")}, says="no credentials")
        refused(home, "get", KEY, env=env, says="there is no object", kind="input")


def test_server_that_is_away(home):
    """Said within its time; when it is back, the next call goes through."""
    home.file("week", CONTENT)
    with rgw.server(home) as s3:
        make_bucket(s3)
        env = settings(s3)
        good(home, "check", env=env)
        s3.stop()
        refused(home, "put", "school", "week", env=env, says="Couldn't connect", kind="unreachable")
        again = threading.Timer(1, s3.start)
        again.start()
        good(home, "put", "school", "week", env={**env, "RETRY_MS": "60000"})
        again.join()
        equal(good(home, "get", KEY, env=env).raw, CONTENT)


def test_shared_file_of_credentials(home):
    home.file("week", CONTENT)
    home.file("credentials", f"# ours\n[default]\naws_access_key_id=x\n[yogi]\naws_access_key_id = {rgw.ID}\n"
                             f"aws_secret_access_key = {rgw.SECRET}\n[other]\naws_access_key_id = y\n")
    with rgw.server(home) as s3:
        make_bucket(s3)
        env = {"S3_ENDPOINT": s3.endpoint, "S3_BUCKET": BUCKET, "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
        good(home, "put", "school", "week", env={**env, "AWS_PROFILE": "yogi"})
        refused(home, "check", env=env, says="[default]")
        refused(home, "check", env={**env, "AWS_SHARED_CREDENTIALS_FILE": "not-there"}, says="not-there cannot be read")


class Sts(http.server.BaseHTTPRequestHandler):
    """Changes the one good token for the keys of the test's S3 server."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.seen.append(self.path)
        ok = "WebIdentityToken=a%2Ftoken" in self.path and "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fyogi" in self.path
        end = (datetime.now(timezone.utc) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = (f"<AccessKeyId>{rgw.ID}</AccessKeyId><SecretAccessKey>{rgw.SECRET}</SecretAccessKey>"
                f"<SessionToken></SessionToken><Expiration>{end}</Expiration>")
        body = (f'<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>'
                f"<Credentials>{keys}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>" if ok else
                "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>the token is not known</Message></Error></ErrorResponse>")
        self.send_response(200 if ok else 400)
        self.end_headers()
        self.wfile.write(body.encode())


class Keeper(http.server.BaseHTTPRequestHandler):
    """Takes whatever is put, and notes how it came."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((len(content), self.headers["Content-Type"], self.headers["Expect"], self.headers["Transfer-Encoding"],
                                 hashlib.sha256(content).hexdigest() == self.headers["x-amz-content-sha256"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_small_ones_go_in_one_piece(home):
    """Nobody is asked first whether a small one is wanted, which is a round trip; a large one is not sent in vain."""
    keeper = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keeper)
    keeper.seen = []
    threading.Thread(target=keeper.serve_forever, daemon=True).start()
    env = {"S3_ENDPOINT": f"http://127.0.0.1:{keeper.server_port}", "S3_BUCKET": BUCKET, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    for size in (1, 65536, 65537):
        home.file("week", CONTENT[:size])
        good(home, "put", "school", "week", env=env)
    kind = "application/octet-stream"
    equal(keeper.seen, [(1, kind, None, None, True), (65536, kind, None, None, True), (65537, kind, "100-continue", None, True)])
    keeper.shutdown()


def test_web_identity(home):
    """Keys from STS's form of answer. (radosgw has an STS, but it asks an identity provider that no package brings.)"""
    home.file("week", CONTENT)
    home.file("token", "a/token\n")
    home.file("bad", "another\n")
    sts = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sts)
    sts.seen = []
    threading.Thread(target=sts.serve_forever, daemon=True).start()
    with rgw.server(home) as s3:
        make_bucket(s3)
        env = {"S3_ENDPOINT": s3.endpoint, "S3_BUCKET": BUCKET, "AWS_WEB_IDENTITY_TOKEN_FILE": "token",
               "AWS_ROLE_ARN": "arn:aws:iam::1:role/yogi", "AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{sts.server_port}"}
        good(home, "put", "school", "week", env=env)
        assert 1 <= len(sts.seen) <= 2, sts.seen
        refused(home, "check", env={**env, "AWS_WEB_IDENTITY_TOKEN_FILE": "bad"}, says="the token is not known")
        refused(home, "check", env={**env, "AWS_WEB_IDENTITY_TOKEN_FILE": "gone"}, says="gone cannot be read")
    sts.shutdown()


def test_full_disk(home):
    """A limit on the size of files stands for it: what does not fit is not there, not by halves either."""
    home.file("week", CONTENT)
    env = {"BLOB_FOLDER": str(home.path / "blobs")}

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
    got = blob(home, "put", "school", "week", env=env, before=limit)
    equal(got.code, 1, got)
    contains(got.err, "output: ")
    equal([p for p in (home.path / "blobs").rglob("*") if p.is_file()], [])
    good(home, "put", "school", "week", env=env)
    equal(good(home, "get", KEY, env=env).raw, CONTENT)
    equal(stat.S_IMODE(os.lstat(home.path / "blobs" / KEY).st_mode), 0o600)


def test_folder_faults(home):
    home.file("week", CONTENT)
    home.file("file", "")
    refused(home, "check", env={"BLOB_FOLDER": str(home.path / "file")}, says="cannot be used")
    refused(home, "check", env={"BLOB_FOLDER": str(home.path / "not" / "there")}, says="cannot be made")
    env = {"BLOB_FOLDER": str(home.path / "blobs")}
    (home.path / "blobs").mkdir()
    (home.path / "elsewhere").mkdir()
    (home.path / "blobs" / "school").symlink_to(home.path / "elsewhere")
    refused(home, "put", "school", "week", env=env, says="school")
    equal(home.names("elsewhere"), [])


def test_what_a_crash_leaves(home):
    env = {"BLOB_FOLDER": str(home.path / "blobs")}
    home.file("week", CONTENT)
    good(home, "put", "school", "week", env=env)
    for name, age in ((".new-0000000000000001", 3600), (".new-0000000000000002", 0)):
        path = home.path / "blobs" / "school" / name
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    good(home, "check", env=env)
    equal(home.names("blobs/school"), [".new-0000000000000002", KEY.split("/")[1]])


if __name__ == "__main__":
    main(sys.modules[__name__])
