"""truth: documents whose right answer is known, and the corpus's own scorer; for tests/bench/accuracy and tests/tools/fit_confidence."""
import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
FIXTURES = ROOT / "tests" / "fixtures"
SCORER = CORPUS / "score.py"
# how confident, from and to below
BINS = ((0.95, 1.001), (0.9, 0.95), (0.8, 0.9), (0.6, 0.8), (0.0, 0.6))


def load_scorer():
    """The corpus's score.py as a module; None where the corpus is absent."""
    if not SCORER.exists():
        return None
    spec = importlib.util.spec_from_file_location("score", SCORER)
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def with_truth(folder):
    """(truth's path, truth, document) of every truth below a folder, in order of path; the document may be missing."""
    for path in sorted(folder.rglob("*.truth.json")):
        truth = json.loads(path.read_text())
        yield path, truth, path.parent / truth.get("file", "")


def judge(scorer, truth, guess):
    """(block, right) of every block that was found: right in day and times, and in name but for single letters."""
    truths = scorer.blocks_of(scorer.timetables_of(truth))
    guesses = scorer.blocks_of(scorer.timetables_of(guess))
    right = {j for i, j in scorer.match(truths, guesses)
             if scorer.right_time(truths[i], guesses[j]) and scorer.name_likeness(truths[i], guesses[j]) >= 0.80}
    return [(block, j in right) for j, block in enumerate(guesses)]
