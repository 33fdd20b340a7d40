#!/usr/bin/python3
"""The first page and the page of the interface: nothing from elsewhere, nothing inline, unchanged answers cost nothing; in
a browser, where there is one, the week is shown and a file that is dropped on it is read."""
import base64
import html.parser
import json
import os
import re
import select
import shutil
import subprocess
import sys

from gateways import system
from harness import Skip, contains, equal, main, wait_for

FILES = {"/": "text/html", "/api/docs": "text/html", "/first.js": "text/javascript", "/docs.js": "text/javascript", "/style.css": "text/css"}


class Own(html.parser.HTMLParser):
    """Complains about everything that a strict policy would stop."""

    def __init__(self):
        super().__init__()
        self.links, self.inline = [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.inline = tag if tag in ("script", "style") else None
        assert "style" not in attrs and not any(name.startswith("on") for name in attrs), (tag, attrs)
        self.links += [attrs[name] for name in ("src", "href") if name in attrs and attrs[name] != "data:,"]

    def handle_data(self, data):
        assert not self.inline or not data.strip(), f"inline {self.inline}: {data}"


def test_files(home):
    with system(home, gateway=False, host=False, broker=False) as r:
        gateway = r.gateway()
        for path, media in FILES.items():
            status, headers, body = gateway.ask("GET", path)
            equal((status, headers["content-type"]), (200, f"{media}; charset=utf-8"), path)
            equal(headers["x-content-type-options"], "nosniff")
            equal(gateway.ask("GET", path, headers={"If-None-Match": headers["etag"]})[0], 304, path)
            outside = re.findall(rb"(?:https?:)?//[a-z0-9]+\.[a-z][^\s\"']*", body)
            equal(outside, [], f"{path} names something elsewhere")
            if media != "text/html":
                continue
            policy = headers["content-security-policy"]
            contains(policy, "default-src 'none'")
            assert "unsafe" not in policy and "*" not in policy and "http" not in policy, policy
            page = Own()
            page.feed(body.decode())
            for link in page.links:
                equal(gateway.ask("GET", link)[0], 200, f"{path} leads to {link}")
        script = gateway.ask("GET", "/first.js")[2] + gateway.ask("GET", "/docs.js")[2]
        for word in (b"innerHTML", b"outerHTML", b"insertAdjacentHTML", b"document.write", b"eval("):
            assert word not in script, word


def browse(home, url, *options):
    """What a browser has made of a page."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        raise Skip("there is no chromium")
    done = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                           f"--user-data-dir={home.path}/browser", "--window-size=1200,1400", "--virtual-time-budget=15000",
                           "--enable-logging=stderr", "--v=0", *options, url], capture_output=True, timeout=90, cwd=home.path,
                          env=home.environment())
    said = done.stderr.decode(errors="replace")
    refused = [line for line in said.splitlines() if "CONSOLE" in line]
    equal(refused, [], "the page complains")
    return done.stdout.decode()


def test_browser(home):
    """The week of a document whose names try to be markup."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in("Maths", "<img src=x onerror=alert(1)>.txt", "?wait=60")["documentId"]
        gateway.json("PUT", f"/api/v1/timetables/{document}", {"class_name": "7b", "timeblocks": [
            {"day": "Monday", "name": "<script>alert(1)</script>", "startTime": "9:05", "endTime": "09:50", "notes": "Room 7"},
            {"day": "Monday", "name": "Beside", "startTime": "9:30", "endTime": "10:15"},
            {"day": "Monday", "name": "Alone", "startTime": "11:00", "endTime": "11:15"},
            {"day": "Saturday", "name": "No time"}]})
        at = f"http://127.0.0.1:{gateway.port}"
        page = browse(home, f"{at}/#{document}", "--dump-dom")
        for text in ("&lt;script&gt;alert(1)&lt;/script&gt;", "09:05 – 09:50", "Room 7", "Saturday", "&lt;img src=x onerror=alert(1)&gt;.txt"):
            contains(page, text)
        assert "<script>alert" not in page and "<img" not in page, page
        assert "Sunday" not in page, "a day without anything at the week's end"
        equal(len(re.findall(r'class="block" title="[^"]*" style="top: [^"]*left: (?:0%|50%); width: 50%;"', page)), 2, "side by side")
        equal(len(re.findall(r'class="block short" title="Alone[^"]*" style="[^"]*left: 0%; width: 100%;"', page)), 1, "as wide as the day")
        doubtful = gateway.hand_in("review\nMaths", "doubtful", "?wait=60")["documentId"]
        contains(browse(home, f"{at}/#{doubtful}", "--dump-dom"), "% sure")
        contains(page, "The pages, with what was found on them")
        docs = browse(home, f"{at}/api/docs", "--dump-dom")
        contains(docs, "/api/v1/documents/upload")
        contains(docs, "Read it once more")


class Tab:
    """A page in a browser that can be told what to do: the DevTools protocol over two pipes, one JSON a zero."""

    def __init__(self, home, url):
        browser = shutil.which("chromium") or shutil.which("chromium-browser")
        if not browser:
            raise Skip("there is no chromium")
        mine, theirs = os.pipe(), os.pipe()
        line = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                f"--user-data-dir={home.path}/tab", "--window-size=1200,1400", "--remote-debugging-pipe"]
        # the browser reads 3 and writes 4, whatever the pipes were called here
        self.process = subprocess.Popen(["bash", "-c", f'exec "$@" 3<&{mine[0]} 4>&{theirs[1]}', "bash", *line], cwd=home.path, env=home.environment(),
                                        pass_fds=(mine[0], theirs[1]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(mine[0])
        os.close(theirs[1])
        self.to, self.fro, self.number, self.left, self.session = mine[1], theirs[0], 0, b"", None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.navigate", url=url)

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.left:
                assert select.select([self.fro], [], [], 60)[0], f"the browser says nothing to {method}"
                more = os.read(self.fro, 1 << 20)
                assert more, "the browser has gone"
                self.left += more
            text, _, self.left = self.left.partition(b"\0")
            said = json.loads(text)
            if said.get("id") == self.number:
                assert "result" in said, said
                return said["result"]

    def value(self, expression):
        got = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in got, got
        return got["result"].get("value")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.fro)


def test_page_picture(home):
    """Opened, a document shows its pages with what was found on them; only then are they drawn."""
    with system(home, real=True, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in((home.root / "tests/fixtures/schools/two-page-week-1.pdf").read_bytes(), "two.pdf", "?wait=60")["documentId"]
        tab = Tab(home, f"http://127.0.0.1:{gateway.port}/#{document}")
        try:
            image = "document.querySelector('#picture img')"
            wait_for(lambda: tab.value("document.readyState === 'complete' && !document.getElementById('result').hidden"), "the week")
            equal(tab.value("document.getElementById('sheet').open || !!" + image), False)
            tab.value("document.querySelector('#sheet summary').click()")
            wait_for(lambda: tab.value(f"{image} && {image}.naturalHeight >= 1500 && {image}.alt"), "the picture of the first page")
            equal(tab.value("[...document.querySelectorAll('#pages button')].map(b => b.textContent).join()"), "Page 1,Page 2")
            tab.value("document.querySelectorAll('#pages button')[1].click()")
            wait_for(lambda: (tab.value(f"{image} && {image}.naturalHeight >= 1500 && {image}.alt") or "").startswith("Page 2"), "the second page")
            equal(tab.value("document.getElementById('sheet-said').textContent"), "")
            if keep := os.environ.get("PAGE_PICTURE"):  # to look at it
                tab.value("document.getElementById('sheet').scrollIntoView()")
                with open(keep, "wb") as file:
                    file.write(base64.b64decode(tab.ask("Page.captureScreenshot")["data"]))
        finally:
            tab.close()


if __name__ == "__main__":
    main(sys.modules[__name__])
