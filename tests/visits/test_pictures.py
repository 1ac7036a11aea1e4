"""Pictures: told by their content, kept without what they tell, made small in bounded memory."""

import struct
import subprocess
import sys
from io import BytesIO

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image

from tests.visits import drawing as draw
from visits import pictures

KINDS = {"jpg": draw.jpeg, "png": draw.png, "webp": draw.webp}


def opened(content):
    with Image.open(BytesIO(content)) as picture:
        picture.load()
        return picture


def is_dark(picture, x, y):
    return sum(picture.convert("RGB").getpixel((x, y))) < 90


# What is kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_camera_tells_is_kept(kind):
    content = KINDS[kind]()
    assert sum(told in content for told in draw.TOLD) >= 4  # else this tests nothing
    picture = pictures.checked(content)
    everything = [picture.content, *pictures.sizes_of(picture.content)]
    for bytes_ in everything:
        assert [told for told in draw.TOLD if told in bytes_] == []
        exif = opened(bytes_).getexif()
        assert not exif.get_ifd(0x8825) and not exif.get_ifd(0x8769)


@pytest.mark.parametrize("kind", KINDS)
def test_the_picture_itself_stays_as_it_was(kind):
    content = KINDS[kind]()
    picture = pictures.checked(content)
    assert (picture.kind, picture.width, picture.height) == (kind, 640, 480)
    assert opened(picture.content).tobytes() == opened(content).tobytes()
    assert pictures.checked(picture.content) == picture


@pytest.mark.parametrize("options", [{"progressive": True}, {"quality": 30}, {"subsampling": 0}])
def test_every_way_of_writing_a_jpeg_is_read_to_its_end(options):
    content = draw.jpeg(size=(700, 333), **options)
    picture = pictures.checked(content)
    assert opened(picture.content).tobytes() == opened(content).tobytes()


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}])
def test_every_way_of_writing_a_webp_is_measured(options):
    picture = pictures.checked(draw.webp(size=(701, 333), **options))
    assert (picture.width, picture.height) == (701, 333)
    plain = draw.saved(draw.drawn(size=(35, 21)), "WEBP", **options)
    assert (pictures.checked(plain).width, pictures.checked(plain).height) == (35, 21)


def test_fill_bytes_between_the_parts_are_allowed():
    plain = draw.saved(draw.drawn())
    assert pictures.checked(plain[:2] + b"\xff\xff\xff" + plain[2:]).width == 640


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_lies_as_the_camera_was_held(orientation):
    content = draw.jpeg(size=(640, 480), orientation=orientation)
    picture = pictures.checked(content)
    view, thumb = map(opened, pictures.sizes_of(picture.content))
    assert view.size == (picture.width, picture.height)
    assert (view.width > view.height) == (orientation < 5)
    corners = [(9, 9), (-9, 9), (-9, -9), (9, -9)]
    where = {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]
    for n, (x, y) in enumerate(corners):
        assert is_dark(view, x % view.width, y % view.height) == (n == where)
    assert max(thumb.size) == pictures.THUMB


def test_sizes_are_bounded_and_nothing_is_enlarged():
    view, thumb = map(opened, pictures.sizes_of(draw.jpeg(size=(4000, 1000))))
    assert (view.size, thumb.size) == ((1600, 400), (320, 80))
    view, thumb = map(opened, pictures.sizes_of(draw.jpeg(size=(50, 40))))
    assert (view.size, thumb.size) == ((50, 40), (50, 40))
    view, thumb = map(opened, pictures.sizes_of(draw.png(size=(5000, 3))))
    assert (view.width, thumb.width) == (1600, 320)


def test_what_is_transparent_becomes_white():
    clear = draw.saved(Image.new("RGBA", (4000, 3300), (0, 0, 0, 0)), "PNG", compress_level=1)
    view, _thumb = map(opened, pictures.sizes_of(clear))
    assert view.getpixel((800, 600)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "CMYK"])
def test_every_mode_becomes_a_picture(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    content = draw.saved(draw.drawn().convert("RGB").convert(mode), kind)
    view, _thumb = map(opened, pictures.sizes_of(pictures.checked(content).content))
    assert view.mode == "RGB"
    assert is_dark(view, 9, 9) and not is_dark(view, 400, 9)


# What is refused ------------------------------------------------------------------------------


def refusal(content):
    with pytest.raises(ValidationError) as error:
        pictures.checked(content)
    return error.value.messages[0]


HEIC = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(99)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEIC, "HEIC"),
        (HEIC.replace(b"ftypheic", b"ftypmif1"), "HEIC"),
        (b"%PDF-1.7 report", "PDF"),
        (b"GIF89a" + bytes(99), "这不是照片"),
        (SVG, "这不是照片"),
        (struct.pack(">I", 24) + b"ftypisom" + bytes(99), "这不是照片"),
        (b"<html><script>", "这不是照片"),
        (b"", "空的"),
        (draw.huge_png(20_000, 20_000), "400 百万像素"),
        (draw.huge_jpeg(20_000, 20_000), "400 百万像素"),
        (draw.huge_png(6330, 6330), "41 百万像素"),
        (draw.huge_png(0, 100), "损坏"),
        (draw.jpeg()[:3000], "损坏"),
        (draw.png()[:600], "损坏"),
        (draw.webp()[:300], "损坏"),
        (b"\xff\xd8\xff", "损坏"),
        (b"\x89PNG\r\n\x1a\n", "损坏"),
        (b"RIFF\0\0\0\0WEBP", "损坏"),
        (b"\xff\xd8\xff\xd9", "损坏"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence(content, words):
    assert words in refusal(content)


def test_a_moving_picture_is_refused():
    frames = [draw.drawn(n) for n in range(3)]
    moving = draw.saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert "动图" in refusal(moving)
    still = draw.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert getattr(opened(pictures.checked(still).content), "n_frames", 1) == 1


def test_a_webp_holds_fewer_pixels_as_it_costs_more():
    content = bytearray(draw.webp(lossless=True))
    at = content.index(b"VP8X") + 12
    content[at : at + 6] = (3999).to_bytes(3, "little") * 2
    assert "16 百万像素" in refusal(bytes(content))


def test_two_sizes_in_one_jpeg_are_refused():
    plain, huge = draw.saved(draw.drawn()), draw.huge_jpeg(20_000, 20_000)
    at, end = plain.index(b"\xff\xc0"), plain.index(b"\xff\xda")
    assert "损坏" in refusal(plain[:end] + huge[at : at + 19] + plain[end:])


def test_a_jpeg_of_endless_passes_is_refused():
    plain = draw.saved(draw.drawn())
    start = plain.index(b"\xff\xda")
    assert "损坏" in refusal(plain[:start] + plain[start:-2] * 200 + plain[-2:])


def test_a_page_hidden_in_a_picture_is_not_kept():
    page = b"<html><script>alert(1)</script>"
    for content in (
        draw.jpeg() + page,
        draw.saved(draw.drawn(), comment=page),
        draw.png() + page,
        draw.webp() + page,
    ):
        assert page not in pictures.checked(content).content


def test_a_photo_that_is_too_large_is_refused(settings):
    settings.PHOTO_MAX_BYTES = 2**20
    with pytest.raises(ValidationError, match="1 MB"):
        pictures.check_length(2**20 + 1)
    pictures.check_length(2**20)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_pixels_that_cannot_be_decoded_are_damage(kind):
    content = bytearray(KINDS[kind]())
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    with pytest.raises(pictures.Damaged):
        pictures.sizes_of(pictures.checked(bytes(content)).content)


# What it costs --------------------------------------------------------------------------------

MEASURED = """
import resource, sys
from django.conf import settings
settings.configure(**%r)
from visits import pictures
import PIL.JpegImagePlugin, PIL.PngImagePlugin, PIL.WebPImagePlugin
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
pictures.sizes_of(pictures.checked(sys.stdin.buffer.read()).content)
print(peak() - before)
"""


@pytest.mark.parametrize(
    ("kind", "size", "most"),
    [("JPEG", (4000, 3000), 80), ("JPEG", (7300, 5400), 120), ("PNG", (7300, 5400), 280)],
)
def test_preparing_a_photo_costs_bounded_memory(kind, size, most):
    """In megabytes, with the largest picture that is taken."""
    options = {"compress_level": 1} if kind == "PNG" else {}
    content = draw.saved(draw.drawn(size=size), kind, **options)
    names = ("PHOTO_MAX_BYTES", "PHOTO_MAX_PIXELS")
    script = MEASURED % {name: getattr(settings, name) for name in names}
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=content,
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    assert int(done.stdout) < most
