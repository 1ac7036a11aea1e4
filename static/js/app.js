// The few things a page cannot do without a script; every form works without it.
(() => {
  "use strict";

  // A menu closes when one clicks elsewhere or presses Escape.
  const closeMenus = (except) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // + and - beside a head-count.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    const value = Math.max(0, Math.min(999, (parseInt(input.value, 10) || 0) + Number(button.dataset.step)));
    input.value = value || "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // A saved phrase fills the text it belongs to; own words may follow.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    const text = document.querySelector(button.dataset.fill);
    text.value = (text.value ? text.value.trimEnd() + "\n" : "") + button.textContent;
    text.focus();
  });

  // One box chooses all rows of the page; without a script each row has its own.
  const showCheckAll = () =>
    document.querySelectorAll("[data-check-all]").forEach((box) => (box.hidden = false));
  showCheckAll();
  document.addEventListener("htmx:afterSwap", showCheckAll);
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.checkAll;
    if (!name) return;
    document.querySelectorAll(`input[name="${name}"]`).forEach((box) => (box.checked = event.target.checked));
  });

  // One tap sends once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
    // What was kept for a connection that comes back is nobody's after the sign-out.
    if (form.matches("[data-sign-out]")) sessionStorage.clear();
  });

  // A finished job shows its result: the page that waited for it is loaded again.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.querySelector?.("[data-job-over]") || event.target.matches?.("[data-job-over]")) {
      window.location.reload();
    }
  });
})();
