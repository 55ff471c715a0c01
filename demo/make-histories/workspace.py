"""The working copy of the dbt project: overlays change it, its content names the commit."""

import hashlib
import shutil
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent / "project"
OVERLAYS = HERE / "overlays"
# Shows up in the artifacts, hence a neutral place.
SRV = Path("/srv/roastery")
KEPT_OUT = {"target", "logs", "dbt_packages"}


def create():
    remove()
    shutil.copytree(PROJECT, SRV)


def remove():
    shutil.rmtree(SRV, ignore_errors=True)


def files():
    """Every file of the project, by its path inside it, without what dbt wrote."""
    paths = (p for p in SRV.rglob("*") if p.is_file())
    return {str(p.relative_to(SRV)): p.read_bytes() for p in paths if p.relative_to(SRV).parts[0] not in KEPT_OUT}


def restore(saved):
    for name in files().keys() - saved.keys():
        (SRV / name).unlink()
    for name, content in saved.items():
        (SRV / name).write_bytes(content)


def overlay(name):
    """Copies the overlay's files over the project, then removes what its removed.txt lists."""
    folder = OVERLAYS / name
    shutil.copytree(folder, SRV, dirs_exist_ok=True, ignore=shutil.ignore_patterns("removed.txt"))
    removed = folder / "removed.txt"
    for line in removed.read_text().split() if removed.exists() else []:
        (SRV / line).unlink()


def fresh_clone():
    for name in KEPT_OUT:
        shutil.rmtree(SRV / name, ignore_errors=True)


def git_sha():
    digest = hashlib.sha1()
    for name, content in sorted(files().items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()
