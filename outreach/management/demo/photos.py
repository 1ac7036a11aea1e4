"""Photos of the story's visits and matters: drawn fields under a sky, so that nobody is on them."""

from io import BytesIO
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

SIZE = (1280, 960)
SKIES = ((151, 196, 222), (203, 216, 220), (240, 206, 160))
FIELDS = ((126, 152, 72), (186, 163, 87), (98, 130, 80))


def drawn(name: str) -> bytes:
    """A JPEG; the same name is the same picture."""
    rng = Random(name)
    width, height = SIZE
    horizon = rng.randint(height // 3, height // 2)
    picture = Image.new("RGB", SIZE, rng.choice(SKIES))
    pen = ImageDraw.Draw(picture)
    sun = rng.randint(80, width - 80)
    pen.ellipse((sun - 50, 70, sun + 50, 170), fill=(250, 238, 196))
    field = rng.choice(FIELDS)
    pen.rectangle((0, horizon, width, height), fill=field)
    for n in range(-8, 17):  # furrows meet at one point
        pen.line((n * 160, height, width // 2, horizon), fill=tuple(c - 14 for c in field), width=6)
    for _ in range(rng.randint(1, 4)):
        left, wide = rng.randint(0, width - 260), rng.randint(150, 250)
        wall, roof = horizon - wide // 2, horizon - wide
        pen.polygon(
            ((left - 18, wall), (left + wide // 2, roof), (left + wide + 18, wall)),
            fill=(150, 82, 66),
        )
        pen.rectangle((left, wall, left + wide, horizon + 20), fill=(226, 219, 205))
        pen.rectangle((left + 24, wall + 24, left + 70, horizon + 20), fill=(96, 76, 60))
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def shown(name: str, count: int) -> list[SimpleUploadedFile]:
    """As many photos as somebody would choose in a form."""
    return [SimpleUploadedFile(f"{n}.jpg", drawn(f"{name} {n}")) for n in range(count)]
