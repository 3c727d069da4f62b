from pathlib import Path

from deploy.local.locks import problems

PROJECT = """
[project]
dependencies = ["Some_Thing[extra]>=1.9"]
[dependency-groups]
dev = ["tool>=2"]
"""
HASH = f"    --hash=sha256:{'0' * 64}"
THING = f"some-thing==1.10.2 \\\n{HASH} \\\n{HASH}\n"
TOOL = f"tool==2.0 ; python_full_version >= '3.11' \\\n{HASH}\n"


def checkout(folder: Path, product: str, everything: str) -> Path:
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "requirements.lock").write_text(product)
    (folder / "requirements-dev.lock").write_text(everything)
    return folder


def test_locks_that_fit(tmp_path: Path) -> None:
    assert problems(checkout(tmp_path, THING, THING + TOOL)) == []


def test_a_dependency_that_is_missing(tmp_path: Path) -> None:
    assert problems(checkout(tmp_path, THING, THING)) == [
        "requirements-dev.lock: tool is missing; run: make lock"
    ]


def test_a_pin_below_its_floor(tmp_path: Path) -> None:
    low = THING.replace("1.10.2", "1.8")

    assert problems(checkout(tmp_path, low, low + TOOL)) == [
        "requirements.lock: some-thing 1.8 is below 1.9; run: make lock",
        "requirements-dev.lock: some-thing 1.8 is below 1.9; run: make lock",
    ]


def test_a_pin_without_a_hash(tmp_path: Path) -> None:
    bare = "some-thing==1.10.2 \\\n"

    assert problems(checkout(tmp_path, bare, THING + TOOL)) == [
        "requirements.lock: some-thing has no hash"
    ]


def test_an_index_or_a_url(tmp_path: Path) -> None:
    index = "--index-url https://index.example/simple\n"

    assert problems(checkout(tmp_path, index + THING, THING + TOOL)) == [
        "requirements.lock line 1: neither a pin nor a hash: --index-url https://index.example/simple"
    ]


def test_locks_that_differ(tmp_path: Path) -> None:
    other = THING.replace("1.10.2", "1.11")

    assert problems(checkout(tmp_path, THING, other + TOOL)) == [
        "some-thing: 1.10.2 in requirements.lock, 1.11 in the dev lock"
    ]
