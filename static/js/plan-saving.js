// What the plan's grid holds: each cell saved by itself, kept while there is no connection, and
// brought up to date with what colleagues write. Keys and editor are in plan-grid.js.
(() => {
  "use strict";
  const grid = document.querySelector("table.plan[role=grid]");
  if (!grid) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const body = grid.tBodies[0];
  const editing = grid.dataset.edit; // "open", "amend" (an approved plan: with a reason) or nothing
  const said = $("#plan-said");
  const bar = $("#plan-unsaved");
  const words = {};
  for (const word of $("#plan-words").content.children) words[word.dataset.word] = word.textContent;
  const put = (word, text) => words[word].replace("{0}", text);
  const say = (text, href) => {
    said.textContent = text;
    if (!href) return;
    const link = document.createElement("a");
    link.href = href;
    link.textContent = words.history;
    said.append(" ", link);
  };
  const cellOf = (line) => document.getElementById(`line-${line}`);
  const rowHead = (cell) => cell.parentElement.cells[0];
  const where = (cell) => `${$("a", rowHead(cell)).textContent} ${cell.dataset.label ?? ""}`.trim();
  const daysIn = (month) => new Date(Date.UTC(...month.split("-").map(Number), 0)).getUTCDate();
  const prepare = (cell) => $$("a.open, .mark a, th a, .copy-row", cell.parentElement).forEach((inner) => (inner.tabIndex = -1));

  // What a cell says, and what waits to be saved -------------------------------------------------

  // line -> {values, version, state, note}; waiting and unsaved are sent, the others ask a person.
  const pending = new Map();
  const asking = new Set(["refused", "clash", "offered"]);
  const key = `plan-grid:${grid.dataset.user}:${grid.dataset.plan}`;
  let since = Number(grid.dataset.since);

  const stored = (cell) => ({
    date: cell.dataset.date,
    group: cell.dataset.group,
    officer: cell.dataset.officer,
    topics: cell.dataset.topics.split(" ").filter(Boolean),
    reason: "",
  });
  const valuesOf = (cell) => pending.get(cell.dataset.line)?.values ?? stored(cell);
  const same = (a, b) =>
    a.date === b.date && a.group === b.group && a.officer === b.officer && a.topics.join() === b.topics.join();

  // Codes only; the reason of an amendment is text, and text is not left in a browser.
  let signedOut = false;
  const stash = () => {
    if (signedOut) return;
    const rows = [...pending].map(([line, { version, values: v }]) => [line, version, v.date, v.group, v.officer, v.topics]);
    try {
      if (rows.length) sessionStorage.setItem(key, JSON.stringify(rows));
      else sessionStorage.removeItem(key);
    } catch {
      // No room or no storage: the page itself still holds them.
    }
  };

  // What an earlier page could not save is offered again.
  const restore = () => {
    try {
      for (const [line, version, date, group, officer, topics] of JSON.parse(sessionStorage.getItem(key) ?? "[]")) {
        if (!cellOf(line)) continue;
        pending.set(line, { values: { date, group, officer, topics, reason: "" }, version, state: "offered", note: "" });
        paint(cellOf(line));
      }
    } catch {
      sessionStorage.removeItem(key);
    }
  };

  const mark = (cell, state, text) => {
    $(".mark", cell)?.remove();
    cell.dataset.state = state;
    if (!text) return;
    const span = document.createElement("span");
    span.className = `mark ${state}`;
    span.textContent = text;
    if (state === "signin") {
      const link = document.createElement("a");
      link.href = $("[data-sign-in]").href;
      link.textContent = ` ${$("[data-sign-in]").textContent}`;
      link.tabIndex = -1;
      span.append(link);
    }
    cell.append(span);
  };
  const label = (name, value) => {
    const option = value && $(`[name=${name}] option[value="${value}"]`, $("#plan-editor").content);
    return option ? option.dataset.label ?? option.textContent : "";
  };
  // Show what a person wrote while the server has not heard of it.
  const paint = (cell) => {
    const entry = pending.get(cell.dataset.line);
    if (!entry) return;
    const { values } = entry;
    if (entry.state === "clash") cell.dataset.state = "clash";
    else {
      const day = document.createElement("strong");
      day.textContent = values.date ? put("day", Number(values.date.slice(8))) : words.noDate;
      $(".d", cell).replaceChildren(day);
      $(".g", cell).textContent = label("group", values.group);
      $(".t", cell).textContent = values.topics
        .map((topic) => $(`[name=topics][value="${topic}"] + span`, $("#plan-editor").content)?.textContent)
        .join("、");
      $(".o", cell).textContent = label("officer", values.officer) || $(".o", cell).textContent;
      const text = { waiting: words.saving, refused: put("refused", entry.note), signin: words.signin };
      mark(cell, entry.state, text[entry.state] ?? words.unsaved);
    }
    count();
  };
  const count = () => {
    const left = [...pending.values()].filter((entry) => entry.state !== "waiting");
    bar.hidden = !left.length;
    $("[data-count]", bar).textContent = put("count", left.length);
    $("[data-sign-in]", bar).hidden = !left.some((entry) => entry.state === "signin");
    stash();
  };

  // The server's cell in place of the one that stands there; an open editor stays open.
  const show = (cell, fresh) => {
    since += Number(fresh.dataset.version) - Number(cell.dataset.version);
    cell.className = fresh.className;
    delete cell.dataset.state;
    Object.assign(cell.dataset, fresh.dataset);
    for (const node of [...cell.childNodes]) if (!node.matches?.("[data-open]")) node.remove();
    cell.prepend(...fresh.childNodes);
    prepare(cell);
    const undated = $$('td[data-date=""]', body).filter((each) => !$(".tag.exempt", each));
    $("#plan-undated").textContent = put("undated", undated.length);
  };
  const cellsIn = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content;
  };

  // Sending: one after the other, again and again until each has its answer ----------------------

  let running = null;
  let timer = 0;
  let pause = 1000;
  const ask = async (url, options = {}) => {
    const token = /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
    const response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(15000),
      ...options,
      headers: { "HX-Request": "true", ...(options.method && { "X-CSRFToken": token }) },
    });
    return { status: response.type === "opaqueredirect" ? 401 : response.status, html: await response.text() };
  };
  const send = async (line) => {
    const cell = cellOf(line);
    const entry = pending.get(line);
    const sent = entry.values;
    const data = new URLSearchParams({
      version: entry.version,
      planned_date: sent.date,
      group: sent.group,
      officer: sent.officer,
      reason: sent.reason,
      writer: grid.dataset.user,
    });
    sent.topics.forEach((topic) => data.append("topics", topic));
    let answer;
    try {
      answer = await ask(cell.dataset.url, { method: "POST", body: data });
    } catch {
      answer = { status: 0 };
    }
    const { status, html } = answer;
    const again = entry.values !== sent; // written once more while this was on its way
    if (status === 200 || status === 409) show(cell, $("td", cellsIn(html)));
    if (status === 200 && !again) {
      pending.delete(line);
      say(put("saved", where(cell)));
      count();
      return true;
    }
    entry.version = cell.dataset.version;
    const states = { 200: "waiting", 401: "signin", 403: "refused", 404: "refused", 409: "clash", 422: "refused" };
    entry.state = again && status === 422 ? "waiting" : (states[status] ?? "unsaved");
    entry.note = status === 422 ? $$("li", cellsIn(html)).map((item) => item.textContent).join(" ") : words.forbidden;
    if (entry.state === "clash") say(put("clash", where(cell)));
    else if (entry.state === "unsaved") say(words.offline);
    else if (entry.state === "refused") say(`${where(cell)} ${put("refused", entry.note)}`);
    paint(cell);
    return status > 0 && status < 500 && status !== 401;
  };
  const pump = () => (running ??= sendAll().finally(() => (running = null)));
  const sendAll = async () => {
    clearTimeout(timer);
    const owed = () => [...pending].find(([, entry]) => !asking.has(entry.state));
    let fine = true;
    while (fine && owed()) fine = await send(owed()[0]);
    pause = fine ? 1000 : Math.min(pause * 2, 60000);
    if (!fine) {
      for (const [line, entry] of pending) {
        if (entry.state === "waiting") {
          entry.state = "unsaved";
          paint(cellOf(line));
        }
      }
      timer = setTimeout(pump, pause);
    } else if (pending.size === 0 && said.textContent === words.offline) say(words.allSaved);
  };
  const keep = (cell, values) => {
    const line = cell.dataset.line;
    const entry = pending.get(line);
    if (entry) Object.assign(entry, { values, state: "waiting" });
    else pending.set(line, { values, version: cell.dataset.version, state: "waiting", note: "" });
    paint(cell);
    pump();
  };
  // Show what is stored, unless something was written meanwhile that is not what is given up.
  const reload = async (cell, givenUp) => {
    try {
      const { status, html } = await ask(cell.dataset.url);
      const entry = pending.get(cell.dataset.line);
      if (status === 200 && entry === givenUp && (!entry || entry.state === "offered")) show(cell, $("td", cellsIn(html)));
      return status;
    } catch {
      return 0;
    }
  };
  const discard = async (line) => {
    const entry = pending.get(line);
    entry.state = "offered"; // not sent while the stored one is fetched
    const status = await reload(cellOf(line), entry);
    if (entry.state !== "offered") return;
    if (status) pending.delete(line);
    else say(words.offline);
    count();
    if (status && status !== 200) window.location.reload();
  };

  // What others change ----------------------------------------------------------------------------

  let touched = Date.now();
  let looking = false;
  for (const name of ["keydown", "pointerdown"]) {
    document.addEventListener(name, () => {
      touched = Date.now();
      signedOut = false;
    });
  }
  const look = async () => {
    // A page left alone stops asking, or its session would never end.
    if (looking || running || document.hidden || Date.now() - touched > 600000) return;
    looking = true;
    try {
      const { status, html } = await ask(`${grid.dataset.url}?since=${since}&state=${grid.dataset.state}`);
      if (status === 200 && !running) takeIn($("tr", cellsIn(html)));
    } catch {
      // Without a connection there is nothing to see; the next look tries again.
    }
    looking = false;
  };
  const takeIn = (row) => {
    let held = 0;
    let handed = null; // its row is another one since
    for (const fresh of [...row.cells]) {
      const cell = cellOf(fresh.dataset.line);
      const newer = cell ? Number(fresh.dataset.version) - Number(cell.dataset.version) : 0;
      if (newer <= 0) continue;
      const open = $(".plan-panel[data-open]", cell);
      if (open || pending.has(fresh.dataset.line)) {
        held += newer;
        if (open) open.dataset.behind = "";
        continue;
      }
      const who = $(".mark", fresh);
      if (fresh.dataset.point !== cell.dataset.point) handed ??= cell;
      show(cell, fresh);
      if (who) say(put("changed", where(cell)));
    }
    since = Number(row.dataset.since) - held;
    if (handed) say(put("handed", where(handed)));
    if (row.dataset.state !== grid.dataset.state) say(words.moved);
    grid.dataset.state = row.dataset.state;
  };
  setInterval(look, 25000);

  // app.js empties the storage; a retry on the way out must not fill it again.
  document.addEventListener("submit", (event) => (signedOut ||= event.target.matches("[data-sign-out]")));
  const again = () => {
    if (!document.hidden) touched = Date.now();
    pump().then(look);
  };
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", again);

  window.planSaving = {
    grid, body, editing, bar, words, pending, $, $$, put, say, where, cellOf, cellsIn, daysIn, prepare,
    valuesOf, same, show, keep, discard, reload, pump, ask, restore,
  };
})();
