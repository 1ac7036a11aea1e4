"""Photos on a phone: chosen, made small, sent, looked at by keyboard."""

import hashlib
import re

import pytest

from feedback.models import MatterFile
from tests import factories as make
from tests.e2e.conftest import PHONE
from tests.visits import drawing as draw
from visits.models import VisitPhoto

pytestmark = pytest.mark.slow

# Without it the browser complains that the connection went while it fetched the worker.
WORKER_RUNS = "navigator.serviceWorker.ready.then(() => null)"


@pytest.fixture
def visit(town):
    return make.visit(town.points[0], town.cadre, topics=[town.topic])


def files(*contents):
    return [
        {"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": content}
        for n, content in enumerate(contents)
    ]


def test_three_photos_are_made_small_sent_and_looked_at_by_keyboard(visitor, town, visit, run_jobs):
    cadre = visitor(town.cadre, PHONE)
    page = cadre.page
    cadre.go(f"visits/{visit.pk}")
    photos = [draw.jpeg(n, (3000, 2000), orientation=6 if n == 3 else 1) for n in (1, 2, 3)]
    page.set_input_files("#id_photos", files(*photos))
    page.get_by_text("县里已收到：3 张，共 3 张。").wait_for()
    page.get_by_text("准备中…").nth(2).wait_for()
    cadre.check()
    kept = list(visit.photos.all())
    assert [(p.width, p.height) for p in kept] == [(1600, 1067), (1600, 1067), (1067, 1600)]
    for photo in kept:
        with photo.file.open() as file:
            content = file.read()
        assert [told for told in draw.TOLD if told in content] == []
        assert hashlib.sha256(content).hexdigest() == photo.sha256  # nothing was left to take out
    run_jobs()
    page.locator(".photos img").nth(2).wait_for()  # the page asked for itself
    cadre.check()

    link = page.get_by_role("link", name="第 1 张照片，共 3 张")
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    picture = dialog.get_by_role("img")
    assert picture.get_attribute("alt") == "第 1 张照片，共 3 张"
    assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 1600
    cadre.check()
    for key, alt in (
        ("ArrowRight", "第 2 张照片，共 3 张"),
        ("ArrowRight", "第 3 张照片，共 3 张"),
        ("ArrowRight", "第 1 张照片，共 3 张"),
        ("ArrowLeft", "第 3 张照片，共 3 张"),
    ):
        page.keyboard.press(key)
        assert picture.get_attribute("alt") == alt
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    focused = "alt => document.activeElement.querySelector('img')?.alt === alt"
    page.wait_for_function(focused, arg="第 3 张照片，共 3 张")  # moved once the viewer has closed

    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="删除：第 2 张照片，共 3 张").click()
    page.get_by_text("照片已移除。").wait_for()
    assert page.locator(".photos img").count() == 2
    cadre.check()


def test_what_is_refused_is_said_and_the_others_arrive(visitor, town, visit):
    cadre = visitor(town.cadre, PHONE)
    page = cadre.page
    cadre.go(f"visits/{visit.pk}")
    heic = b"\0\0\0\x18ftypheic" + bytes(5000)
    page.set_input_files(
        "#id_photos",
        files(draw.jpeg(1), heic, b"%PDF-1.7 report", draw.huge_jpeg(20_000, 20_000)),
    )
    page.get_by_text("县里已收到：1 张，共 4 张。").wait_for()
    told = page.locator(".refused li").all_inner_texts()
    assert [re.match(r"IMG_\d", text)[0] for text in told] == ["IMG_1", "IMG_2", "IMG_3"]
    assert "兼容性最佳" in told[0] and "PDF" in told[1] and "400 百万像素" in told[2]
    assert page.locator("[data-again]").is_hidden()
    assert VisitPhoto.objects.count() == 1
    cadre.faults = [fault for fault in cadre.faults if "422" not in fault]
    cadre.check()


def test_a_broken_connection_keeps_what_was_sent_and_goes_on_there(visitor, town, visit):
    cadre = visitor(town.cadre, PHONE)
    page = cadre.page
    cadre.go(f"visits/{visit.pk}")
    offsets = []

    def pass_one(route):
        offset = route.request.headers.get("upload-offset")
        if offset is None:
            return route.continue_()
        offsets.append(int(offset))
        return route.continue_() if len(offsets) == 1 else route.abort()

    page.route("**/photos/*/", pass_one)
    # Noise, so that even the small one takes several pieces.
    noise = draw.saved(draw.Image.effect_noise((1600, 1200), 90), quality=95)
    page.set_input_files("#id_photos", files(noise))
    page.get_by_role("button", name="重试其余的照片").wait_for()
    page.get_by_text("没有网络。已经发送的部分不会丢。").wait_for()
    assert not VisitPhoto.objects.exists()
    page.unroute("**/photos/*/")
    resumed = []
    page.on("request", lambda asked: resumed.append(asked.headers.get("upload-offset")))
    page.get_by_role("button", name="重试其余的照片").click()
    page.get_by_text("县里已收到：1 张，共 1 张。").wait_for()
    assert min(int(offset) for offset in resumed if offset) == offsets[1] > 0
    assert VisitPhoto.objects.count() == 1


def test_without_scripts_the_form_sends_and_the_pictures_are_links(visitor, town, visit, run_jobs):
    photo = make.photo(visit, town.cadre, ready=True)
    cadre = visitor(town.cadre, PHONE, java_script_enabled=False)
    page = cadre.page
    cadre.go(f"visits/{visit.pk}")
    page.set_input_files("#id_photos", files(draw.jpeg(5)))
    page.get_by_role("button", name="添加这些照片").click()
    page.get_by_text("已收到 1 张照片。").wait_for()
    page.get_by_role("link", name="第 1 张照片，共 2 张").click()
    assert page.url.endswith(f"/photos/{photo.sha256}/view/")


def test_the_next_person_on_a_shared_phone_sees_no_kept_photo(visitor, town, visit):
    photo = make.photo(visit, town.cadre, ready=True)
    stranger = make.cadre(make.unit(town.county))
    cadre = visitor(town.cadre, PHONE)
    path = f"visits/{visit.pk}/photos/{photo.sha256}/view"
    kept = (
        "path => fetch(`/${path}/`, {cache: 'only-if-cached', mode: 'same-origin'})"
        ".then(answer => answer.status, () => 0)"
    )
    assert cadre.go(path) == 200
    assert cadre.page.evaluate(kept, path) == 200
    cadre.context.clear_cookies(name="sessionid")  # it ended; the form's token is the phone's
    cadre.go("login")
    cadre.page.fill("#id_username", stranger.username)
    cadre.page.fill("#id_password", make.PASSWORD)
    cadre.page.click("main button.btn-primary")
    cadre.page.wait_for_url(lambda url: "/login/" not in url)
    assert cadre.page.evaluate(kept, path) != 200
    assert cadre.go(path) == 404


def test_a_photo_of_a_matter_waits_on_its_page_for_a_connection(visitor, town):
    matter = make.matter(town)
    cadre = visitor(town.cadre, PHONE)
    page = cadre.page
    cadre.go(f"matters/{matter.pk}")
    photo = draw.jpeg(1, (3000, 2000)) + bytes(500_000)  # as heavy as one of a camera
    page.set_input_files("#id_files", files(photo))
    made_small = "size => document.querySelector('#id_files').files[0].size < size"
    page.wait_for_function(made_small, arg=len(photo))
    add = page.get_by_role("button", name="添加到办理过程")
    cadre.context.set_offline(True)
    add.click()
    page.get_by_text("没有网络。文件仍在本页").wait_for()
    cadre.context.set_offline(False)
    cadre.faults.clear()  # the browser's own word on the missing connection
    add.click()
    page.get_by_text("添加了照片或文件").wait_for()
    cadre.check()
    (kept,) = MatterFile.objects.all()
    assert (kept.width, kept.height) == (1600, 1067)


def test_a_matter_and_its_photo_stay_on_the_page_until_the_county_has_them(visitor, town):
    desk = visitor(town.coordinator, PHONE)
    page = desk.page
    desk.go("matters/new")
    page.select_option(
        "#id_village", label=f"{town.points[0].village.township} {town.points[0].village}"
    )
    page.fill("#id_text", "村口路灯不亮")
    page.set_input_files("#id_files", files(draw.jpeg(1)))
    page.evaluate(WORKER_RUNS)
    page.context.set_offline(True)
    page.click("main .btn-primary")
    page.get_by_text("没有网络。都还在本页").wait_for()
    page.context.set_offline(False)

    # What is wrong is said, and the photo is still chosen.
    page.fill("#id_text", "请打13812345678")
    page.click("main .btn-primary")
    page.locator("main").get_by_text("13812345678", exact=False).last.wait_for()
    assert page.locator("#id_files").evaluate("input => input.files.length") == 1

    # The county has it, and its answer is lost on the way.
    def lose(route):
        route.fetch(max_redirects=0)
        route.abort()

    page.fill("#id_text", "村口路灯不亮")
    page.route("**/matters/new/", lose)
    page.click("main .btn-primary")
    page.get_by_text("没有网络。都还在本页").wait_for()
    page.unroute("**/matters/new/")

    # Meanwhile the session has ended; the same person signs in again in another window.
    page.context.clear_cookies(name="sessionid")
    page.click("main .btn-primary")
    page.get_by_text("您已退出登录").wait_for()
    again = page.context.new_page()
    again.goto(page.url)
    again.fill("#id_username", town.coordinator.username)
    again.fill("#id_password", make.PASSWORD)
    again.click("main button.btn-primary")
    again.wait_for_url("**/matters/new/")
    page.click("main .btn-primary")
    page.wait_for_url(re.compile(r"/matters/\d+/"))
    (photo,) = MatterFile.objects.select_related("matter")
    assert page.url.endswith(photo.matter.get_absolute_url())
    desk.faults = [fault for fault in desk.faults if not re.search("ERR_|403", fault)]
    desk.check()


def test_an_answer_with_its_photo_stays_on_the_page_until_the_county_has_it(visitor, town):
    matter = make.matter_in_work(town)
    desk = visitor(town.coordinator, PHONE)
    page = desk.page
    desk.go(matter.get_absolute_url())
    form = page.locator("form[action$='/say_solved/']")
    if not form.locator("[name=text]").is_visible():
        page.locator("details.deed").filter(has=form).locator("summary").click()
    form.locator("[name=outcome]").first.check()
    form.locator("[name=text]").fill("已更换灯头。")
    form.locator("[name=files]").set_input_files(files(draw.jpeg(1)))
    page.evaluate(WORKER_RUNS)
    page.context.set_offline(True)
    form.locator("button").click()
    page.get_by_text("没有网络。都还在本页").wait_for()
    page.context.set_offline(False)
    form.locator("button").click()
    page.locator(".story").get_by_text("已更换灯头。").wait_for()
    matter.refresh_from_db()
    assert (matter.answer, matter.files.count()) == ("已更换灯头。", 1)
    desk.faults = [fault for fault in desk.faults if "ERR_" not in fault]
    desk.check()
