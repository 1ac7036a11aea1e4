// The page of a record on a phone: what is sent goes through the queue, photos are made small and kept,
// what is typed without a connection is kept on the phone, an old copy of the page takes new names.
(() => {
  "use strict";
  const form = document.querySelector("form[data-record]");
  if (!form) return;
  const $ = (selector, within = form) => within.querySelector(selector);
  const section = $("[data-photos]");
  const store = self.phoneStore;
  const queue = self.phoneQueue;
  if (!queue) {
    section.hidden = true;
    return;
  }
  const { ready, timeOf, reasonOf, signIn } = self.phone;
  const box = document.querySelector("[data-record-note]");
  const said = box.dataset;
  const places = document.querySelector("#phone").dataset;
  const keptAt = document.documentElement.dataset.kept;
  const isNew = window.location.pathname.startsWith("/contact-points/");
  const title = document.querySelector("h1").textContent.split("·")[0].trim();
  let photos = []; // {id, sha, type, done}
  let removed = [];

  // The fields ----------------------------------------------------------------------------------------

  const fieldsOf = () => [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  // A household that is not among the proposed ones comes in by its number, as if it were typed.
  const offer = (name) => {
    const option = $(`datalist option[data-id="${name.slice("household_".length)}"]`);
    if (!option) return;
    const number = $("#household-number");
    number.value = option.value;
    number.dispatchEvent(new Event("change"));
  };
  const fill = (pairs) => {
    const values = new Map();
    for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
    for (const name of values.keys()) {
      if (form.elements[name]) continue;
      if (name.startsWith("household_")) offer(name);
      if (form.elements[name]) continue;
      for (const value of values.get(name)) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        form.append(field);
      }
    }
    for (const field of form.elements) {
      if (!field.name || ["csrfmiddlewaretoken", "contact_point"].includes(field.name) || field.type === "submit") continue;
      const given = values.get(field.name) ?? [];
      if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value) || (field.type === "radio" && !given.length && field.value === "");
      else if (given.length || !["base", "edition", "opened"].includes(field.name)) field.value = given[0] ?? "";
    }
    const more = $(".more-talks");
    if (more) more.open ||= [...more.querySelectorAll("input, select[name^=more_group]")].some((field) => field.value);
  };
  const take = (id) => {
    const before = form.dataset.record;
    form.dataset.record = id;
    form.dataset.draft = form.dataset.draft.replace(before, id);
    form.action = form.action.replace(before, id);
  };
  // An old copy of the page would give its names a second time, and its day is that day's.
  const renew = async () => {
    const now = await store.now();
    form.elements.edition.value = crypto.randomUUID();
    form.elements.opened.value = now.toISOString();
    if (!isNew) return;
    take(crypto.randomUUID());
    const [day, hour] = now.toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).split(" ");
    form.elements.day.value = form.elements.day.max = day;
    form.elements.start.value = `${String(Math.max(0, Number(hour.slice(0, 2)) - 1)).padStart(2, "0")}:00`;
  };

  // Photos --------------------------------------------------------------------------------------------

  const status = $("[role=status]", section);
  const draw = async (canvas, blob) => {
    const picture = await createImageBitmap(blob).catch(() => null); // HEIC: the server says what it is
    if (!picture) return;
    const side = Math.min(picture.width, picture.height);
    canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 104, 104);
    picture.close();
  };
  const showPhoto = (photo, blob) => {
    const item = $("template", section).content.firstElementChild.cloneNode(true);
    const n = photos.indexOf(photo) + 1;
    for (const part of item.children) part.setAttribute("aria-label", part.getAttribute("aria-label").replace("{0}", n));
    item.querySelector("button").addEventListener("click", async () => {
      photos = photos.filter((each) => each !== photo);
      removed.push(photo.id);
      item.remove();
      $("#record-photos").focus();
      await keepDraft();
    });
    $(".chosen").append(item);
    return draw($("canvas", item), blob);
  };
  const restorePhotos = async (known) => {
    for (const photo of known.filter((each) => !each.done && !photos.some(({ id }) => id === each.id))) {
      const data = await store.bytes("photos", photo.id);
      if (!data) continue;
      photos.push(photo);
      await showPhoto(photo, new Blob([data], { type: photo.type }));
    }
  };
  const addPhotos = async (files) => {
    await ready;
    status.textContent = said.preparing;
    for (const file of files) {
      const blob = await self.photoSmall.makeSmall(file);
      const photo = { id: crypto.randomUUID(), sha: await self.photoSmall.sha256Hex(blob), type: blob.type };
      if (photos.some(({ sha }) => sha === photo.sha)) continue;
      await store.put("photos", photo.id, await blob.arrayBuffer());
      photos.push(photo);
      await showPhoto(photo, blob);
    }
    status.textContent = "";
    await keepDraft();
  };
  let adding = Promise.resolve();
  $("#record-photos").addEventListener("change", (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    adding = adding.then(() => addPhotos(files)).catch((error) => (status.textContent = error.message));
  });

  // Drafts --------------------------------------------------------------------------------------------

  const recordOf = () => ({
    id: form.dataset.record,
    url: new URL(form.action).pathname,
    point: form.elements.contact_point.value,
    title,
    day: form.elements.day.value,
    fields: fieldsOf(),
    photos,
  });
  let given = false;
  const keepDraft = async () => {
    if (given || !(await ready)) return;
    await store.put("drafts", form.dataset.record, { ...recordOf(), isNew, revision: Number(form.dataset.revision), at: Date.now() });
  };
  form.addEventListener("draft", async ({ detail }) => {
    if (detail.kept && !photos.length) await store.remove("drafts", form.dataset.record);
    else await keepDraft();
    if (!detail.kept && (await ready)) $("[data-draft-state]").textContent = said.onphone;
  });
  // Typed without a connection, it need not wait for a request that fails.
  let soon = 0;
  form.addEventListener("input", () => {
    clearTimeout(soon);
    if (!navigator.onLine) soon = setTimeout(keepDraft, 500);
  });
  document.querySelector("form:not([data-record])[action$='/draft/']")?.addEventListener("submit", () => store.remove("drafts", form.dataset.record));

  const ask = (text, ...actions) => {
    const note = document.createElement("p");
    note.className = "note due";
    note.setAttribute("role", "status");
    note.textContent = text;
    for (const [label, act] of actions) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-sm btn-outline-primary ms-2", textContent: label });
      button.addEventListener("click", () => {
        note.remove();
        act();
      });
      note.append(button);
    }
    box.replaceChildren(note);
  };
  const changed = () => form.dispatchEvent(new Event("change"));
  const takeDraft = async (draft) => {
    take(draft.id);
    fill(draft.fields);
    changed();
  };
  const offerDraft = async (draft) => {
    await restorePhotos(draft.photos);
    if (draft.revision === Number(form.dataset.revision)) return takeDraft(draft);
    const revision = form.dataset.revision;
    const same = JSON.stringify(draft.fields.filter(([name]) => name !== "edition")) === JSON.stringify(fieldsOf().filter(([name]) => name !== "edition"));
    if (same) return;
    const mine = () => {
      takeDraft(draft);
      form.dataset.revision = revision;
    };
    ask(said.elsewhere.replace("{0}", timeOf(draft.at)), [said.mine, mine], [said.theirs, () => store.remove("drafts", draft.id)]);
  };

  // A record of the queue, opened again -----------------------------------------------------------------

  const mark = (errors) => {
    form.querySelectorAll(".phone-wrong").forEach((text) => text.remove());
    form.querySelectorAll(".is-invalid").forEach((field) => field.classList.remove("is-invalid"));
    let first = null;
    for (const [name, texts] of Object.entries(errors)) {
      const found = form.elements[name];
      const field = found instanceof RadioNodeList ? found[0] : found;
      const text = document.createElement("div");
      text.className = "invalid-feedback d-block phone-wrong";
      text.id = `wrong-${name}`;
      text.textContent = texts.join(" ");
      if (field && field.type !== "hidden") {
        field.classList.add("is-invalid");
        field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${text.id}`.trim());
        (field.closest("fieldset, .counter, .mb-3, .col-12, .col-6") ?? field.parentElement).append(text);
        first ??= field;
      } else {
        text.setAttribute("role", "alert");
        $("[data-record-said]").after(text);
        first ??= text;
      }
    }
    first?.scrollIntoView({ block: "center" });
    first?.focus();
  };
  const showSaid = ({ html, stamp }) => {
    const place = $("[data-record-said]");
    place.innerHTML = html; // rendered by the server, as the page without scripts has it
    if (stamp) form.elements.base.value = stamp;
    place.tabIndex = -1;
    place.scrollIntoView({ block: "center" });
    place.focus({ preventScroll: true });
  };
  const showWhy = (why) => {
    if (why.state === "refused") mark(why.errors);
    else if (["conflict", "look"].includes(why.state)) showSaid(why);
    else ask(reasonOf(why));
    if (why.state === "refused") $("[data-draft-state]").textContent = said.refused;
  };
  const reopen = async (item) => {
    take(item.id);
    if (item.fields.length) fill(item.fields);
    await restorePhotos(item.photos);
    if (item.state === "needs") showWhy(item.why);
  };

  // Sending -------------------------------------------------------------------------------------------

  const buttons = [...form.querySelectorAll(".form-foot button")];
  const stay = () => {
    given = false;
    for (const button of buttons) button.disabled = false;
    $("[data-draft-state]").textContent = "";
    window.dispatchEvent(new Event("stay"));
  };
  const goOn = async (id, answer) => {
    if (answer.state === "signin" && (await signIn())) return goOn(id, await queue.deliver(id, { asks: true, photos: false }));
    const item = await store.get("records", id);
    if (item?.state === "needs") {
      stay();
      return showWhy(item.why);
    }
    if (answer.state === "signin") {
      stay();
      $("[data-draft-state]").textContent = said.onphone;
      return null;
    }
    const done = item?.state === "received";
    if (done || navigator.serviceWorker?.controller) return window.location.assign(done && !item.sent ? item.page : places.month);
    stay();
    $("[data-draft-state]").textContent = said.onphone;
    return null;
  };
  let can = false;
  form.addEventListener("submit", async (event) => {
    if (!can) return; // not signed in on this phone: the form sends itself
    event.preventDefault();
    if (given) return;
    given = true;
    for (const button of buttons) button.disabled = true;
    $("[data-draft-state]").textContent = said.sending;
    const send = event.submitter?.name !== "keep";
    await adding;
    const record = { ...recordOf(), send };
    try {
      await queue.save(record, removed);
    } catch (error) {
      if (error instanceof store.Locked) {
        stay(); // signed out in another tab
        return (await signIn()) && form.requestSubmit(event.submitter);
      }
      form.elements.written.value = new Date().toISOString();
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: send ? "send" : "keep", value: "1" }));
      return HTMLFormElement.prototype.submit.call(form); // no room on the phone
    }
    await store.remove("drafts", record.id);
    for (const id of removed) await store.remove("photos", id);
    // A draft on its way would otherwise arrive after the record that it belongs to.
    await Promise.race([form.keeping, new Promise((resolve) => setTimeout(resolve, 3000))]);
    return goOn(record.id, await queue.deliver(record.id, { asks: true, photos: false }));
  });

  // From here on --------------------------------------------------------------------------------------

  const start = async () => {
    if (!(await ready)) {
      section.hidden = true; // nothing can be kept here, and a form alone does not carry photos
      return;
    }
    can = true;
    if (keptAt) await renew();
    const wanted = new URLSearchParams(window.location.hash.slice(1)).get("kept");
    const items = (await queue.list()).filter(queue.isOpen);
    const drafts = await store.all("drafts");
    const item = items.find(({ id }) => id === (wanted ?? form.dataset.record));
    if (item) return reopen(item);
    const asked = drafts.find(({ id }) => id === (wanted ?? form.dataset.record));
    const begun = isNew && !window.location.search ? drafts.findLast((each) => each.isNew && each.point === form.elements.contact_point.value) : null;
    const draft = asked ?? begun;
    if (draft) return offerDraft(draft);
    const other = isNew && items.find((each) => each.point === form.elements.contact_point.value);
    if (other) ask(said.waiting.replace("{0}", timeOf(other.at)), [said.open, () => reopen(other)]);
  };
  start();
})();
