"""Third-party front-end files: only those listed here leave node_modules."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

PACKAGES = {
    "vendor/bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/echarts.js": "echarts/dist/echarts.common.min.js",
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
}


class PackageFinder(BaseFinder):
    """Find the files of `PACKAGES` and nothing else."""

    def __init__(self, app_names=None, *args, **kwargs):
        self.root = Path(settings.BASE_DIR) / "node_modules"

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        source = PACKAGES.get(path)
        found = str(self.root / source) if source and (self.root / source).exists() else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns):
        storage = _Renamed(self.root)
        for path in PACKAGES:
            yield path, storage


class _Renamed(FileSystemStorage):
    prefix = ""

    def __init__(self, root):
        super().__init__(location=root)

    def path(self, name):
        return super().path(PACKAGES.get(name, name))


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed names; source maps that packages mention are not shipped."""

    patterns = tuple(
        (glob, tuple(each for each in patterns if "sourceMappingURL" not in str(each)))
        for glob, patterns in ManifestStaticFilesStorage.patterns
    )
