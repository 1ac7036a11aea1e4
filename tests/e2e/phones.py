"""A phone that can be switched off and on, lose its connection and change hands."""

import io
import random
import time

from PIL import Image

from tests import factories as make
from tests.e2e.conftest import PHONE, serious

FINDINGS = "三组机井电表老化，浇一亩地电费比邻村高，群众希望统一更换。"
# Everything in the phone's database as text: whatever is readable in it is found.
RAW = """async () => {
    const base = await new Promise((resolve) => {
        const request = indexedDB.open("outreach-phone");
        request.onsuccess = () => resolve(request.result);
    });
    const texts = [];
    for (const name of base.objectStoreNames) {
        const store = base.transaction(name).objectStore(name);
        const rows = await new Promise((resolve) => {
            const request = store.getAll();
            request.onsuccess = () => resolve(request.result);
        });
        for (const row of rows) {
            const data = row.data ? new TextDecoder().decode(row.data) : "";
            texts.push(name, JSON.stringify(row), data);
        }
    }
    base.close();
    return texts.join("\\n");
}"""

# How many pages are kept, once the worker answers for this page.
KEPT = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("pages-"));
    if (!names.length || !navigator.serviceWorker.controller) return 0;
    return (await (await caches.open(names[0])).keys()).length;
}"""

# A line that appears above the others moves 0.04 of the page; a name in the header that is painted
# while its last letters still arrive moves 0.0003.
STILL = 0.01
SHIFT = """() => new Promise((resolve) => {
    let total = 0;
    const watch = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) total += entry.hadRecentInput ? 0 : entry.value;
    });
    watch.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(total), 500);
})"""


def picture(seed, side=900):
    """A photo that no compression makes small."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", (side // 4, side // 4), chance.randbytes(3 * (side // 4) ** 2))
    file = io.BytesIO()
    image.resize((side, side)).save(file, "JPEG", quality=92)
    return {"name": f"{seed}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def until(holds):
    """Wait for what becomes true by itself."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Phone:
    """One phone with what it keeps, whoever holds it; it can be switched off and on again."""

    def __init__(self, chromium, folder, address):
        self.chromium, self.folder, self.address = chromium, folder, address
        self.faults = []
        self.switch_on()

    def switch_on(self, *, online=True):
        self.context = self.chromium(self.folder, viewport=PHONE, offline=not online)
        self.page = self.context.pages[0]
        self.page.set_default_timeout(15000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def switch_off(self):
        self.context.close()

    def online(self, is_online):
        self.context.set_offline(not is_online)

    def go(self, path):
        self.page.goto(self.address + path)

    def sign_in(self, account):
        self.go("/login/")
        self.page.fill("#id_username", account.username)
        self.page.fill("#id_password", make.PASSWORD)
        self.page.click("main button.btn-primary")
        self.page.wait_for_url("**/month/")

    def sign_out(self):
        self.page.click(".top .menu > summary")
        self.page.click("[data-sign-out] button")

    def settle(self, pages):
        """My month is loaded and so many pages are kept for the time without a connection."""
        until(lambda: self.page.evaluate(KEPT) >= pages)

    def record(self, village="后辛庄村", *, photos=(), findings=FINDINGS):
        """Fill in the page of a record; it is not sent yet."""
        card = self.page.get_by_role("article").filter(has_text=village)
        card.get_by_role("link", name="记录").click()
        self.page.wait_for_url("**/record/**")
        self.page.locator("input[name=topics]").first.check()
        self.page.fill("#id_people_party_members", "3")
        self.page.locator(".household input[value=met]").first.check()
        self.page.fill("#id_findings", findings)
        if photos:
            self.page.set_input_files("#record-photos", list(photos))
            self.page.wait_for_function(
                "count => document.querySelectorAll('.chosen li').length === count",
                arg=len(photos),
            )

    def send(self):
        self.page.click("button[name=send]")

    def box(self, text):
        self.page.locator("[data-phone-box] li", has_text=text).first.wait_for()

    def held(self):
        """The records in the queue, as this person's pages read them."""
        return self.page.evaluate("phoneStore.all('records')")

    def check(self):
        """Nothing serious is wrong with the page for those who see or hear it otherwise."""
        assert serious(self.page) == []

    def shift(self):
        """How much of the page moved by itself since it began to show."""
        return self.page.evaluate(SHIFT)

    def raw(self):
        return self.page.evaluate(RAW)
