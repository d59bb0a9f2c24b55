"""Commands of the documents that are not run, each with its reason: a table that the check prints from.

A command is left out when its text begins so, in the document named (`*`: in any). A row that no command needs is an
error, so that the table says what is true.
"""

BUILT = "the programs are built already"
DOWNLOADS = "downloads; stand-ins lie where it puts things, and tools/checks/check-fetch tests it"
SYSTEM = "changes the machine's packages"
PACKAGES = "packages are made and tried in bare systems by tools/checks/check-package"
HOURS = "takes hours"
OBJECTS = "needs an object store; tools/checks/check-object-store starts one"
OWN = "a check of its own in tools/test"
TORCH = "compares with torch or other libraries that the tests' Python does not have"

LEFT_OUT = [
    ("*", "swift build", BUILT),
    ("*", "tools/demo", "tools/checks/check-demo runs it, twice"),
    ("*", "tools/test", "runs this check"),
    ("*", "tools/fetch mbert-uncased", DOWNLOADS),
    ("*", "tools/fetch vocabularies", DOWNLOADS),
    ("*", "tools/fetch fasttext", DOWNLOADS),
    ("*", "tools/fetch evaluation", DOWNLOADS),
    ("*", "tools/fetch babelbert-dataset", DOWNLOADS),
    ("*", "tools/reproduce mbert-vanilla", HOURS),
    ("*", "tools/reproduce e5-vanilla", HOURS),
    ("*", "tools/make-mini", HOURS),
    ("*", "tools/benchmarks/", HOURS + ", and needs other tools to compare with"),
    ("*", "tools/parity/check-", TORCH),
    ("*", "tools/parity/make-family-checkpoint", TORCH),
    ("*", "tools/faults", HOURS + "; tools/test runs a short one"),
    ("*", "tools/fuzz", "builds with a sanitizer of its own"),
    ("*", "tools/sanitize", "builds with a sanitizer of its own"),
    ("CONTRIBUTING.md", "tools/setup", SYSTEM),
    ("CONTRIBUTING.md", "tools/make-api-pages", "tools/checks/check-api-pages makes them"),
    ("CONTRIBUTING.md", "python3 -m http.server", "serves until it is stopped"),
    ("CONTRIBUTING.md", "swift test", "tools/test runs all tests"),
    ("CONTRIBUTING.md", "tools/parity/same-bytes", "needs a second checkout; tools/test runs it with one"),
    ("docs/install.md", "tar -xzf", PACKAGES),
    ("docs/install.md", "apt-get", SYSTEM),
    ("docs/install.md", "docker", "needs Docker"),
    ("docs/install.md", "indexer build --checkpoint mini=/usr/share", PACKAGES),
    ("docs/install.md", "python3 -m venv", PACKAGES),
    ("docs/install.md", "polylex-environment/", PACKAGES),
    ("docs/install.md", "tools/package", PACKAGES),
    ("docs/install.md", "tools/checks/check-package", PACKAGES),
    ("docs/install.md", "PYTHONPATH=python", OWN),
    ("docs/mining.md", "tools/export-babelnet", "needs BabelNet; tools/checks/check-export-babelnet tests it"),
    ("docs/nightly.md", "systemctl", "needs a user's systemd; tools/checks/check-nightly verifies the units"),
    ("docs/results.md", "tools/parity/score-by-spelling", "asks a store that tools/reproduce makes in hours"),
    ("docs/scale.md", "snakemake", "needs Snakemake; tools/checks/check-snakemake runs it"),
    ("docs/scale.md", "tools/cluster/hand-over", OBJECTS),
    ("docs/scale.md", "aws", OBJECTS),
    ("docs/scale.md", "indexer build --plan plan", OBJECTS),
    ("docs/scale.md", "indexer merge --plan plan", OBJECTS),
    ("docs/scale.md", "array=$(sbatch", "needs Slurm; tools/checks/check-slurm starts one"),
    ("docs/scale.md", "sbatch", "needs Slurm; tools/checks/check-slurm starts one"),
]


def reason(document, text, used):
    """Why this command of this document is not run, or None; the row is added to those used."""
    for row in LEFT_OUT:
        if row[0] in ("*", document) and text.lstrip().startswith(row[1]):
            used.add(row)
            return row[2]
    return None
