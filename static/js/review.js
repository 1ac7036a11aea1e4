// Reviewing by keyboard: plain keys while no field has the focus; every key has its button or link.
(() => {
  "use strict";
  const OFF = "review-keys-off";
  const byId = (id) => document.getElementById(id);
  const keys = byId("review-keys");
  const button = byId("review-keys-switch");

  const showSwitch = () => {
    button.textContent = localStorage.getItem(OFF) ? button.dataset.on : button.dataset.off;
  };
  keys.hidden = false;
  showSwitch();
  button.addEventListener("click", () => {
    if (localStorage.getItem(OFF)) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
    showSwitch();
  });

  const does = {
    a() {
      const accept = byId("review-accept");
      // What has marks is accepted by a second key, with the button that names them in view.
      if (accept?.hasAttribute("data-careful")) accept.focus();
      else accept?.click();
    },
    r: () => byId("id_reason")?.focus(),
    n: () => byId("review-next")?.click(),
    p: () => byId("review-previous")?.click(),
    "?"() {
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
    },
  };

  document.addEventListener("keydown", (event) => {
    const act = Object.hasOwn(does, event.key) && does[event.key];
    if (!act || event.repeat || event.isComposing || localStorage.getItem(OFF)) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    act();
  });
})();
