// The month calendar: a visit is dragged or moved by arrow keys to its new day, then a form is sent.
// Without this script the visit's own link opens a page with the same form.
(() => {
  "use strict";
  const calendar = document.querySelector("[data-calendar]");
  const dialog = document.getElementById("move");
  if (!calendar || !dialog) return;
  const form = dialog.querySelector("form");
  const reason = form.elements.reason;
  const said = document.getElementById("move-said");
  const days = [...calendar.querySelectorAll("[data-day]")];
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const HOLD = 350; // ms until a finger drags instead of scrolling

  let moved = null; // {chip, list, next, day}: shown on `day`, not saved yet
  let grip = null; // {chip, id, x, y, timer, on, over}: the pointer that holds a chip

  const chipOf = (target) => target.closest?.("a.visit[data-version]");
  const dayOf = (element) => element?.closest("[data-day]");

  const putBack = () => {
    if (!moved) return;
    moved.list.insertBefore(moved.chip.parentElement, moved.next);
    moved.chip.classList.remove("moved");
    moved = null;
    said.textContent = "";
  };

  const place = (chip, day) => {
    if (moved && moved.chip !== chip) putBack();
    const item = chip.parentElement;
    moved ??= { chip, list: item.parentElement, next: item.nextElementSibling };
    moved.day = day;
    day.querySelector(".visits").append(item);
    chip.classList.add("moved");
    said.textContent = `${chip.querySelector("strong").textContent} ${day.dataset.name} ${calendar.dataset.hint}`;
  };

  const send = () => {
    const { chip, day } = moved;
    form.action = chip.href;
    form.elements.version.value = chip.dataset.version;
    form.elements.planned_date.value = day.dataset.day;
    reason.disabled = !chip.dataset.reason;
    if (reason.disabled) {
      form.requestSubmit();
      return;
    }
    document.getElementById("move-what").textContent =
      `${chip.querySelector("strong").textContent} → ${day.dataset.name}`;
    dialog.showModal();
    reason.focus();
  };

  dialog.querySelector("[data-back]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    const chip = moved?.chip;
    putBack();
    chip?.focus();
  });

  // Keyboard
  calendar.addEventListener("keydown", (event) => {
    const chip = chipOf(event.target);
    if (!chip) return;
    const pending = moved?.chip === chip;
    if (event.key in STEPS && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      const at = days.indexOf(dayOf(chip));
      const day = at < 0 ? days[0] : days[at + STEPS[event.key]];
      if (!day) return;
      place(chip, day);
      chip.focus();
    } else if (event.key === "Enter" && pending) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && pending) {
      putBack();
      chip.focus();
    }
  });

  // Pointer: a mouse drags at once, a finger after holding
  const release = () => {
    if (!grip) return;
    clearTimeout(grip.timer);
    grip.over?.classList.remove("over");
    grip.chip.classList.remove("held");
    grip.chip.style.transform = "";
    grip = null;
  };
  const begin = () => {
    if (moved) putBack();
    grip.on = true;
    grip.chip.classList.add("held");
  };

  calendar.addEventListener("pointerdown", (event) => {
    const chip = chipOf(event.target);
    if (!chip || event.button || !event.isPrimary) return;
    grip = { chip, id: event.pointerId, x: event.pageX, y: event.pageY, on: false };
    if (event.pointerType !== "mouse") grip.timer = setTimeout(begin, HOLD);
  });
  document.addEventListener("pointermove", (event) => {
    if (grip?.id !== event.pointerId) return;
    const x = event.pageX - grip.x;
    const y = event.pageY - grip.y;
    if (!grip.on) {
      if (Math.hypot(x, y) < 6) return;
      if (grip.timer) return release(); // a finger that moves early scrolls
      begin();
    }
    grip.chip.style.transform = `translate(${x}px, ${y}px)`;
    const over = dayOf(document.elementFromPoint(event.clientX, event.clientY));
    if (over !== grip.over) {
      grip.over?.classList.remove("over");
      over?.classList.add("over");
      grip.over = over;
    }
    const edge = event.clientY < 80 ? -12 : event.clientY > innerHeight - 80 ? 12 : 0;
    if (edge) scrollBy(0, edge);
  });
  document.addEventListener("pointerup", (event) => {
    if (grip?.id !== event.pointerId) return;
    const { chip, on, over } = grip;
    release();
    if (!on) return;
    // The click that follows a drag opens nothing.
    const swallow = (click) => click.preventDefault();
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    if (!over || over === dayOf(chip)) return;
    place(chip, over);
    send();
  });
  document.addEventListener("pointercancel", release);
  document.addEventListener("touchmove", (event) => grip?.on && event.preventDefault(), { passive: false });
  document.addEventListener("contextmenu", (event) => grip?.on && event.preventDefault());
  document.addEventListener("keydown", (event) => event.key === "Escape" && release());

  // After saving, the keyboard goes on where it was.
  if (location.hash.startsWith("#line-")) document.querySelector(location.hash)?.focus();
})();
