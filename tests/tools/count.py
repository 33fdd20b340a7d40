#!/usr/bin/python3
"""count: the closing line of a run of tests, by ctest's JUnit reports.

    count.py REPORT [AGAIN]

Prints `N passed, N failed[, N skipped]`; fails when one failed or none ran. AGAIN is the report of those that failed, run once
more alone: what passes then is named unsteady, for a machine that is busy is no fault of what is tested, but a test that depends on it is one of the test's.
"""
import os
import sys
import xml.etree.ElementTree as tree


def cases_of(path):
    return {case.get("name"): case for case in tree.parse(path).getroot().findall("testcase")}


def has_failed(case):
    return case.get("status") == "fail" or case.find("failure") is not None


try:
    cases = cases_of(sys.argv[1])
    again = cases_of(sys.argv[2]) if len(sys.argv) > 2 and os.path.exists(sys.argv[2]) else {}
except (OSError, tree.ParseError) as error:
    print(f"no report of the tests: {error}", file=sys.stderr)
    cases, again = {}, {}
unsteady = [name for name, case in again.items() if name in cases and has_failed(cases[name]) and not has_failed(case) and case.find("skipped") is None]
skipped = [name for name, case in cases.items() if case.find("skipped") is not None]
failed = [name for name, case in cases.items() if has_failed(case) and name not in unsteady]
passed = len(cases) - len(skipped) - len(failed)
for word, names in (("skipped", skipped), ("unsteady, passed when it ran alone", unsteady), ("failed", failed)):
    for name in names:
        print(f"{word}: {name}", file=sys.stderr)
print(f"{passed} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
sys.exit(1 if failed or not passed else 0)
