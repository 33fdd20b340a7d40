#!/usr/bin/python3
"""Counts the tests of a JUnit report by ctest: prints `N passed, N failed[, N skipped]`, fails when one failed or none ran."""
import sys
import xml.etree.ElementTree as tree

try:
    cases = tree.parse(sys.argv[1]).getroot().findall("testcase")
except (OSError, tree.ParseError) as error:
    print(f"no report of the tests: {error}", file=sys.stderr)
    cases = []
skipped = [c for c in cases if c.find("skipped") is not None]
failed = [c for c in cases if c.get("status") == "fail" or c.find("failure") is not None]
passed = len(cases) - len(skipped) - len(failed)
for case in skipped:
    print(f"skipped: {case.get('name')}", file=sys.stderr)
for case in failed:
    print(f"failed: {case.get('name')}", file=sys.stderr)
print(f"{passed} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
sys.exit(1 if failed or not passed else 0)
