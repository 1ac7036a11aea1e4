// The phone as its person sees it: whose it is now, what waits on it, signing in again on the same page,
// signing out. The other half of every page; what is kept and sent is in phone-store and phone-queue.
(() => {
  "use strict";
  const store = self.phoneStore;
  if (!store) return;
  const root = document.documentElement;
  const person = document.body.dataset.person;
  const keptAt = root.dataset.kept;
  const places = document.querySelector("#phone")?.dataset;
  const queue = self.phoneQueue;
  const $ = (selector, within = document) => within.querySelector(selector);

  // Whose phone it is ---------------------------------------------------------------------------------

  // Signed out on this phone while there was no connection; the worker does it before a page is shown,
  // but a page can be loaded past it.
  const endSession = async () => {
    root.hidden = true;
    const form = $("form[data-sign-out]");
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type === "opaqueredirect") await store.setLeaving(false);
    window.location.assign("/");
    return false;
  };
  // Whoever was here before is gone from the moment that somebody else's page is loaded.
  const begin = async () => {
    if (await store.leaving()) return endSession();
    const owner = await store.who();
    if (owner && !owner.keys[person]) await store.forget();
    if (!queue) return false;
    if (owner?.id === person) return true;
    const answer = await fetch(places.keys, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) return false;
    const given = await answer.json();
    if (given.person !== person) return false; // signed in as somebody else in another tab
    await store.remember(given);
    return true;
  };
  const ready = begin().catch(() => false);
  if (!queue) return;

  const words = {};
  for (const word of $("#phone").content.children) words[word.dataset.word] = word.textContent;
  const put = (word, ...values) => words[word].replace(/\{(\d)\}/g, (_all, n) => values[n]);
  const timeOf = (at) => {
    const day = new Intl.DateTimeFormat(root.lang, { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric" });
    const time = new Intl.DateTimeFormat(root.lang, { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
    const today = day.format(Date.now()) === day.format(at);
    return today ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
  };

  // What waits ----------------------------------------------------------------------------------------

  const reasonOf = ({ state, errors, n, detail }) => {
    if (state === "refused") return put("refused", Object.values(errors).flat().join(" "));
    return state === "photo" ? put("photo", n, detail) : words[state];
  };
  const stateOf = (item) => {
    const now = queue.progress.get(item.id);
    const left = item.photos.filter((photo) => !photo.done).length;
    if (item.state === "needs") return put("needs", reasonOf(item.why));
    if (now) return now.n ? put("sendingPhoto", now.n, now.of, now.percent) : words.sending;
    const days = Math.floor((Date.now() - item.at) / 86400000);
    if (queue.isOpen(item) && Date.now() - item.at > queue.OLD) return put("waitingLong", days);
    if (item.state === "waiting") return words.waiting;
    if (left) return put("photosWaiting", left);
    const parts = [item.texts ? put("texts", item.texts) : words.record];
    if (item.photos.length) parts.push(put("photos", item.photos.length));
    return put("received", timeOf(item.receivedAt), parts.join(words.and));
  };
  const openAt = (item) => `${places.point.replace("/0/", `/${item.point}/`)}?new#kept=${item.id}`;
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm btn-outline-danger";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const row = (item, state, drop) => {
    const line = document.createElement("li");
    const what = document.createElement("div");
    const title = document.createElement("strong");
    title.textContent = `${item.title} ${item.day}`;
    what.append(title, document.createElement("br"), state);
    line.append(what);
    if (item.state === "received") return line;
    const actions = document.createElement("div");
    actions.className = "form-foot";
    const link = document.createElement("a");
    link.className = "btn btn-sm btn-outline-primary";
    link.href = openAt(item);
    link.textContent = words.open;
    actions.append(link);
    if (drop) actions.append(button(words.away, () => window.confirm(words.awaySure) && drop()));
    line.append(actions);
    return line;
  };
  const dropDraft = async (draft) => {
    for (const photo of draft.photos) await store.remove("photos", photo.id);
    await store.remove("drafts", draft.id);
    show();
  };

  const bar = $(".phone-bar");
  let said = "";
  let wasOpen = false;
  let signedOut = false;
  const say = (text) => {
    if (text === said) return; // a status is read out each time it is written
    said = text;
    $("p", bar).textContent = text;
  };
  const showBar = (items) => {
    const open = items.filter(queue.isOpen);
    const needs = open.filter((item) => item.state === "needs").length;
    const moving = open.filter((item) => queue.progress.has(item.id)).length;
    const old = keptAt ? put("kept", timeOf(Date.parse(keptAt))) : "";
    let text = wasOpen ? words.barDone : "";
    if (open.length) text = put("barWaiting", open.length);
    if (needs) text = put("barNeeds", needs);
    if (moving) text = put("barSending", moving);
    if (signedOut && open.length) text = words.barSignIn;
    wasOpen ||= open.length > 0;
    say([old, text].filter(Boolean).join(" "));
    $("[data-sign-in]", bar).hidden = !(signedOut && open.length);
    $("a", bar).hidden = !open.length || signedOut;
    bar.hidden = !said;
  };
  const show = async () => {
    if (!(await store.who())) return;
    const items = await queue.list();
    showBar(items);
    const box = $("[data-phone-box]");
    if (!box) return;
    const drafts = (await store.all("drafts")).filter((draft) => !items.some((item) => item.id === draft.id && queue.isOpen(item)));
    const rows = items.map((item) => row(item, stateOf(item), item.state === "needs" ? () => queue.discard(item.id) : null));
    rows.push(...drafts.map((draft) => row(draft, put("draft", timeOf(draft.at)), () => dropDraft(draft))));
    $("ul", box).replaceChildren(...rows);
    $("[data-do=send]", box).hidden = !items.some(queue.isOpen);
    $("[data-do=export]", box).hidden = !drafts.length && !items.some(queue.isOpen);
    const appears = box.hidden && rows.length;
    box.hidden = !rows.length;
    if (appears && window.location.hash === `#${box.id}`) box.scrollIntoView();
  };
  queue.listeners.add(({ outcome }) => {
    if (outcome) signedOut = outcome === "signin";
    if (outcome === "other") store.forget().then(() => window.location.reload());
    else show();
  });

  const send = async (all) => {
    const last = await queue.flush({ all });
    if (last.state === "signin") signedOut = true;
    await show();
    return last;
  };
  const saveFile = async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await queue.exported());
    link.download = `${words.file}-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  $("[data-phone-box]")?.addEventListener("click", async (event) => {
    const act = event.target.dataset.do;
    if (act === "export") await saveFile();
    if (act === "send" && (await send(true)).state === "signin" && (await signIn())) await send(true);
  });

  // Signing in again on the same page -----------------------------------------------------------------

  const signInDialog = $("#phone-sign-in");
  const form = $("form", signInDialog);
  const wrong = (text) => {
    const alert = $("[role=alert]", form);
    alert.textContent = text;
    alert.hidden = !text;
  };
  const asDocument = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  // The token is that of now: the one of the page ended with the session.
  const tryToSignIn = async () => {
    const page = await fetch(places.login, { redirect: "manual", cache: "no-store" });
    if (page.type === "opaqueredirect") return "";
    const body = new FormData(form);
    body.set("csrfmiddlewaretoken", $("[name=csrfmiddlewaretoken]", await asDocument(page)).value);
    const answer = await fetch(places.login, { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect") return "";
    const said = await asDocument(answer);
    return $("main .alert, main .invalid-feedback, main .card > p", said)?.textContent.trim() || words.noConnection;
  };
  // Resolves with whether the same person is signed in again.
  const signIn = () =>
    new Promise((resolve) => {
      wrong("");
      signInDialog.showModal();
      form.onsubmit = async (event) => {
        event.preventDefault();
        const trouble = await tryToSignIn().catch(() => words.noConnection);
        form.elements.password.value = "";
        wrong(trouble);
        if (trouble) return;
        const session = await queue.greet();
        if (session.state === "other") {
          await store.forget();
          window.alert(words.other);
          window.location.assign("/");
        } else if (session.state === "signin") {
          window.location.assign("/"); // signed in, but a new password must be chosen first
        } else {
          for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = session.csrf ?? field.value;
          signedOut = false;
          signInDialog.onclose = null;
          signInDialog.close();
          resolve(true);
        }
      };
      signInDialog.onclose = () => resolve(false);
    });
  $("[data-close]", signInDialog).addEventListener("click", () => signInDialog.close());
  $("[data-sign-in]", bar).addEventListener("click", async () => (await signIn()) && send(true));

  // Signing out ---------------------------------------------------------------------------------------

  // Locked first, whatever the connection; without one the server hears of it as soon as there is.
  const leave = async (form) => {
    sessionStorage.clear();
    await store.setLeaving(true);
    await store.forget();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", signal: AbortSignal.timeout(8000) });
      if (answer.type === "opaqueredirect") await store.setLeaving(false);
      window.location.assign(places.login);
    } catch {
      window.location.assign(places.offline);
    }
  };
  const signOutDialog = $("#phone-sign-out");
  const askBeforeLeaving = (form, count) => {
    $("h2", signOutDialog).textContent = put("outCount", count);
    $("[role=status]", signOutDialog).textContent = "";
    signOutDialog.showModal();
    signOutDialog.onclick = async (event) => {
      const act = event.target.dataset.do;
      if (act === "stay") signOutDialog.close();
      if (act === "export") await saveFile();
      if (act === "leave") await leave(form);
      if (act !== "send") return;
      $("[role=status]", signOutDialog).textContent = words.sendingNow;
      await send(true);
      const left = (await queue.unsent()).length;
      if (!left) return leave(form);
      $("h2", signOutDialog).textContent = put("outCount", left);
      $("[role=status]", signOutDialog).textContent = words.noConnection;
    };
  };
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!form.matches("[data-sign-out]")) return;
      event.preventDefault();
      const count = (await queue.unsent()).length + (await store.all("drafts")).length;
      if (count) askBeforeLeaving(form, count);
      else await leave(form);
    },
    true,
  );

  // From here on --------------------------------------------------------------------------------------

  const keepPages = async () => {
    const links = [...document.querySelectorAll("main a[href*='/record/']")].map((link) => link.pathname);
    const worker = await navigator.serviceWorker.ready;
    worker.active.postMessage({ keep: [places.month, ...new Set(links)].slice(0, 40) });
  };
  const start = async () => {
    if (!(await ready)) return;
    // What an old copy of a page said about an action is no news.
    if (keptAt) document.querySelectorAll("main > p[role=status]").forEach((note) => note.remove());
    await show();
    if (!keptAt && "serviceWorker" in navigator) {
      await navigator.serviceWorker.register(places.worker);
      if (window.location.pathname === places.month) keepPages();
    }
    await send(false);
  };
  window.addEventListener("online", async () => {
    const last = await send(true);
    // What the kept copy says is old now.
    if (last.state === "received" && keptAt && window.location.pathname === places.month) window.location.reload();
  });
  document.addEventListener("visibilitychange", () => document.hidden || ready.then((is) => is && send(false)));
  start();

  self.phone = { ready, words, put, timeOf, reasonOf, signIn };
})();
