// The page of a record: what is typed is kept as a draft every few seconds, a household is added by
// its number. Without this script the form works as it stands.
(() => {
  "use strict";
  const form = document.querySelector("form[data-record]");
  if (!form) return;

  // Households by number ----------------------------------------------------------------------
  const search = form.querySelector("[data-household-search]");
  const number = search.querySelector("input");
  const list = form.querySelector("[data-households]");
  search.hidden = false;
  form.querySelector("[data-household-others]").hidden = true;

  const addHousehold = () => {
    const wanted = number.value.trim();
    if (!wanted) return;
    const option = [...search.querySelectorAll("option")].find((each) => each.value === wanted);
    const known = [...list.querySelectorAll("legend")].some((each) => each.textContent === wanted);
    number.classList.toggle("is-invalid", !option && !known);
    if (!option && !known) return;
    if (option) {
      const row = search.querySelector("template").content.cloneNode(true);
      row.querySelector("legend").textContent = wanted;
      row.querySelectorAll("input").forEach((radio) => {
        radio.name = `household_${option.dataset.id}`;
        radio.checked = radio.value === "met";
      });
      list.querySelector("p")?.remove();
      list.append(row);
      option.remove();
    } else {
      const row = [...list.querySelectorAll("fieldset")].find((each) => each.querySelector("legend").textContent === wanted);
      row.querySelector("input[value=met]").checked = true;
    }
    number.value = "";
    number.dispatchEvent(new Event("change", { bubbles: true }));
  };
  number.addEventListener("change", addHousehold);
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    addHousehold();
  });

  // The draft ---------------------------------------------------------------------------------
  const state = form.querySelector("[data-draft-state]");
  const say = (text) => (state.textContent = text);
  let timer = 0;
  let busy = false;
  let changed = false;
  let given = false; // up: the form was sent, or the draft goes on elsewhere

  const keep = async () => {
    clearTimeout(timer);
    if (busy || given) return;
    busy = true;
    changed = false;
    const body = new FormData(form);
    body.set("revision", form.dataset.revision);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, redirect: "manual", keepalive: true });
      const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (answer.status === 409) {
        given = true;
        say(state.dataset.elsewhere.replace("{time}", said.saved));
      } else if (answer.ok && said.revision) {
        form.dataset.revision = said.revision;
        const missing = said.missing.length ? state.dataset.and + state.dataset.missing.replace("{list}", said.missing.join(state.dataset.and)) : "";
        say(state.dataset.saved.replace("{time}", said.saved) + missing);
      } else {
        say(said.error || state.dataset.away);
        changed = true;
      }
    } catch {
      say(state.dataset.away);
      changed = true;
    }
    // The phone keeps what the server did not take (record-phone.js).
    if (!given) form.dispatchEvent(new CustomEvent("draft", { detail: { kept: !changed } }));
    busy = false;
    if (changed) timer = setTimeout(keep, 15000);
  };
  const later = (event) => {
    if (event.target === number) return;
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(() => (form.keeping = keep()), 1500);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  document.addEventListener("visibilitychange", () => document.hidden && changed && keep());
  window.addEventListener("online", () => changed && keep());
  form.addEventListener("submit", () => {
    given = true;
    clearTimeout(timer);
  });
  for (const name of ["pageshow", "stay"]) window.addEventListener(name, () => (given = false));
})();
