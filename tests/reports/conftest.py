"""What tests of reports share."""

import hashlib
import json

import pytest

from reports import documents


@pytest.fixture
def short_files(monkeypatch):
    """A report's files are a line each: what they hold is read where documents are tested."""

    def files(snapshot):
        told = json.dumps(snapshot, sort_keys=True, default=str).encode()
        kinds = documents.FILE_TYPES
        return {kind: hashlib.sha256(told + kind.encode()).digest() for kind in kinds}

    monkeypatch.setattr(documents, "files", files)
