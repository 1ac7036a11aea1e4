// The plan's grid: keys as in a spreadsheet, an editor in the cell, copying to other cells.
(() => {
  "use strict";
  if (!window.planSaving) return;
  const { grid, body, editing, bar, words, pending, $, $$, put, say, where, cellOf, cellsIn, daysIn } = window.planSaving;
  const { prepare, valuesOf, same, show, keep, discard, reload, pump, ask, restore } = window.planSaving;
  const narrow = window.matchMedia("(max-width: 767px)");

  // Going about: one cell of the grid is in the page's tab order, the others by arrows -----------

  let active = $("td", body);
  const enter = (cell) => {
    active.tabIndex = -1;
    active = cell;
    cell.tabIndex = 0;
    cell.focus();
  };
  const go = (cell, down, right) => {
    const rows = body.rows;
    const y = Math.max(0, Math.min(rows.length - 1, cell.parentElement.sectionRowIndex + down));
    enter(rows[y].cells[Math.max(0, Math.min(12, cell.cellIndex + right))]);
  };
  // After saving: down to the next month's first village, right to the next village's January.
  const next = (cell, down, right) => {
    const count = body.rows.length;
    const y = cell.parentElement.sectionRowIndex;
    const x = cell.cellIndex - 1;
    const place = down ? x * count + y + down : y * 12 + x + right;
    if (place < 0 || place >= count * 12) return enter(cell);
    const [row, column] = down ? [place % count, Math.floor(place / count)] : [Math.floor(place / 12), place % 12];
    enter(body.rows[row].cells[column + 1]);
  };

  // The editor ------------------------------------------------------------------------------------

  let editor = null; // {form, cell}
  const place = () => {
    if (!editor) return;
    const { form, cell } = editor;
    const box = cell.getBoundingClientRect();
    form.classList.toggle("floating", !narrow.matches);
    if (narrow.matches) return;
    form.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - form.offsetWidth - 8))}px`;
    form.style.top = `${Math.max(8, Math.min(box.top, window.innerHeight - form.offsetHeight - 8))}px`;
  };
  const open = (cell, values = valuesOf(cell), digit = "") => {
    if (editor) return;
    const form = $("#plan-editor").content.firstElementChild.cloneNode(true);
    const month = String(Number(cell.dataset.month.slice(5)));
    for (const choice of $$("[data-months]", form)) {
      const named = choice.value === cell.dataset.officer;
      if (!named && !choice.dataset.months.split(" ").includes(month)) choice.remove();
    }
    $("[data-where]", form).textContent = where(cell);
    $("[data-avoided]", form).hidden = !cell.dataset.avoid;
    $("[data-days]", form).textContent = cell.dataset.avoid;
    $("[data-page]", form).href = cell.dataset.url;
    const { day, group, officer } = form.elements;
    day.value = digit || (values.date ? Number(values.date.slice(8)) : "");
    group.value = values.group;
    officer.value = values.officer;
    if (form.elements.reason) form.elements.reason.value = values.reason;
    for (const box of $$("[name=topics]", form)) box.checked = values.topics.includes(box.value);
    editor = { form, cell };
    const note = pending.get(cell.dataset.line)?.note;
    if (note) $(".sentences", form).textContent = note;
    form.dataset.open = "";
    cell.append(form);
    place();
    if (narrow.matches) form.scrollIntoView({ block: "nearest" });
    day.focus();
    if (!digit) day.select();
  };
  // Whether a colleague changed the cell while it was open.
  const close = () => {
    const { form, cell } = editor;
    editor = null;
    form.remove();
    return "behind" in form.dataset && !pending.has(cell.dataset.line);
  };
  const read = () => {
    const { form, cell } = editor;
    const { day, group, officer, reason } = form.elements;
    const number = day.value.trim();
    return {
      date: number && `${cell.dataset.month}-${number.padStart(2, "0")}`,
      group: group.value,
      officer: officer.value,
      topics: $$("[name=topics]:checked", form).map((box) => box.value),
      reason: reason?.value.trim() ?? "",
    };
  };
  const dirty = () => editor && !editor.form.matches("[data-clash]") && !same(read(), valuesOf(editor.cell));
  const written = () => {
    const { form, cell } = editor;
    const fields = form.elements;
    const values = read();
    const day = fields.day.value.trim();
    const last = daysIn(cell.dataset.month);
    const wrong = day && !(/^\d{1,2}$/.test(day) && day >= 1 && day <= last);
    const changed = !same(values, valuesOf(cell)) || pending.has(cell.dataset.line);
    const silent = changed && editing === "amend" && !values.reason;
    const sentence = wrong ? put("days", last) : silent ? words.reason : "";
    $(".sentences", form).textContent = sentence;
    if (sentence) (wrong ? fields.day : fields.reason).focus();
    return sentence ? null : { values, changed };
  };
  // Save what stands in the editor; whether it could be left.
  const commit = () => {
    if (!editor) return true;
    if (editor.form.matches("[data-clash]")) return leave(), true;
    const found = written();
    if (!found) return false;
    const { cell } = editor;
    const behind = close();
    if (found.changed) keep(cell, found.values);
    else if (behind) reload(cell);
    return true;
  };
  const leave = () => {
    const { cell, form } = editor;
    if (form.matches("[data-clash]")) {
      form.hidden = true;
      delete form.dataset.open;
      editor = null;
    } else if (close()) reload(cell);
    enter(cell);
  };
  const choose = (cell) => {
    const panel = $(".plan-panel", cell);
    panel.dataset.clash = panel.dataset.open = "";
    panel.hidden = false;
    editor = { form: panel, cell };
    place();
    $("button", panel).focus();
  };
  // What Enter or a tap does with a cell.
  const use = (cell, digit) => {
    const { line, shut, url } = cell.dataset;
    if (!line) return;
    if (pending.get(line)?.state === "clash") return choose(cell);
    if (editing && shut) return say(`${where(cell)} ${shut}`, url);
    if (editing) return open(cell, undefined, digit);
    if (url) window.location.assign(url);
  };
  // Values that came another way than through the editor.
  const take = (cell, values) => {
    const { line, shut, url } = cell.dataset;
    if (!line || pending.get(line)?.state === "clash") return;
    if (shut) return say(`${where(cell)} ${shut}`, url);
    if (editing === "amend") {
      open(cell, values);
      editor.form.elements.reason.focus();
    } else if (!same(values, valuesOf(cell))) keep(cell, values);
  };
  let clip = null;
  const paste = (cell) => {
    const { month, officer } = cell.dataset;
    const number = String(Number(month.slice(5)));
    const fits = (topic) =>
      $(`[name=topics][value="${topic}"]`, $("#plan-editor").content)?.parentElement.dataset.months.split(" ").includes(number);
    const day = clip.date && Math.min(Number(clip.date.slice(8)), daysIn(month));
    take(cell, {
      date: day ? `${month}-${String(day).padStart(2, "0")}` : "",
      group: clip.group,
      officer: clip.row === cell.parentElement ? clip.officer : officer,
      topics: clip.topics.filter(fits),
      reason: "",
    });
  };

  // Keys and taps ---------------------------------------------------------------------------------

  const inEditor = (event) => {
    const { form, cell } = editor;
    const { target } = event;
    const control = target.closest("button, a");
    if (event.key === "Escape") {
      event.preventDefault();
      leave();
    } else if (event.key === "Enter" && !control && !event.isComposing) {
      event.preventDefault();
      if (commit()) next(cell, event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "Tab" && !form.matches("[data-clash]")) {
      const fields = $$("input, select", form);
      const boxes = $$("[name=topics]", form);
      // The topics are one stop, as in a list: arrows go through them.
      const stops = fields.filter((field) => field.name !== "topics" || field === boxes[0]);
      const stop = stops.indexOf(target.name === "topics" ? boxes[0] : target) + (event.shiftKey ? -1 : 1);
      if (control) return;
      event.preventDefault();
      if (stops[stop]) stops[stop].focus();
      else if (commit()) next(cell, 0, event.shiftKey ? -1 : 1);
    } else if (target.name === "topics" && event.key.startsWith("Arrow")) {
      const boxes = $$("[name=topics]", form);
      const step = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : -1;
      event.preventDefault();
      boxes[boxes.indexOf(target) + step]?.focus();
    }
  };
  const far = { ctrl: { Home: [-99, -99], End: [99, 99] }, plain: { Home: [0, -99], End: [0, 99] } };
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-5, 0], PageDown: [5, 0] };
  const inGrid = (event, cell) => {
    const { key: name } = event;
    const ctrl = event.ctrlKey || event.metaKey;
    const line = cell.dataset.line;
    const step = steps[name] ?? far[ctrl ? "ctrl" : "plain"][name];
    if (event.altKey && name === "Enter" && cell.dataset.url) window.location.assign(cell.dataset.url);
    else if (event.altKey) return;
    else if (step) go(cell, ...step);
    else if (name === "Enter" || name === "F2") cell.tagName === "TH" ? $("a", cell).click() : use(cell);
    else if (!editing) return;
    else if (name === "ContextMenu" || (name === "F10" && event.shiftKey)) askCopy(cell);
    else if (/^\d$/.test(name) && !ctrl && line) use(cell, name);
    else if (name === "c" && ctrl && line) {
      clip = { ...valuesOf(cell), row: cell.parentElement };
      say(put("copied", where(cell)));
    } else if (name === "v" && ctrl && line && clip) paste(cell);
    else if ((name === "Delete" || name === "Backspace") && line)
      take(cell, { ...valuesOf(cell), date: "", group: "", topics: [], reason: "" });
    else return;
    event.preventDefault();
  };
  grid.addEventListener("keydown", (event) => {
    if (editor?.form.contains(event.target)) return inEditor(event);
    if (event.target.matches("td, th")) inGrid(event, event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.target.matches("input, select, textarea")) return;
    const help = $("#plan-keys");
    help.open = !help.open;
    if (help.open) $("summary", help).focus();
  });
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest("td, th");
    const kept = event.target.closest("[data-keep]")?.dataset.keep;
    if (!cell || !body.contains(cell)) return;
    if (kept) {
      const entry = pending.get(cell.dataset.line);
      const mine = entry.values;
      leave();
      if (kept === "theirs") return discard(cell.dataset.line);
      Object.assign(entry, { version: cell.dataset.version, values: { ...mine } });
      $(".plan-panel", cell).remove();
      return keep(cell, entry.values);
    }
    if (event.target.closest("[data-cancel]")) return leave();
    if (editor?.form.contains(event.target) || event.target.closest(".mark a")) return;
    if (event.target.closest(".copy-row")) return askCopy(cell);
    if (cell.tagName === "TH" || !editing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!commit()) return;
    enter(cell);
    use(cell);
  });
  grid.addEventListener("submit", (event) => {
    event.preventDefault();
    const { cell } = editor;
    if (commit()) enter(cell);
  });
  grid.addEventListener("focusin", (event) => {
    if (event.target.matches("td, th") && event.target !== active && body.contains(event.target)) enter(event.target);
  });
  window.addEventListener("scroll", place, { passive: true, capture: true });
  window.addEventListener("resize", place);

  // Copying to others -----------------------------------------------------------------------------

  const dialog = $("#plan-copy");
  let from = null;
  const askCopy = (cell) => {
    const row = cell.parentElement;
    if (!commit()) return;
    from = cell;
    const source = cell.dataset.line ? cell : $("td[data-line]", row);
    if (!source) return say(words.nothing);
    const fields = $("form", dialog).elements;
    fields.source.value = source.dataset.line;
    if (cell.tagName === "TH") fields.reach.value = "row";
    $("[data-where]", dialog).textContent = where(cell);
    $(".sentences", dialog).replaceChildren();
    dialog.showModal();
  };
  const copy = async (form) => {
    await pump();
    if (pending.size) return ($(".sentences", dialog).textContent = words.wait);
    form.elements.seen.value = $$("td[data-line]", body)
      .map(({ dataset }) => `${dataset.line}:${dataset.version}`)
      .join();
    let answer;
    try {
      answer = await ask(form.action, { method: "POST", body: new FormData(form) });
    } catch {
      answer = { status: 0 };
    }
    const { status, html } = answer;
    if (status === 422) return $(".sentences", dialog).replaceChildren(cellsIn(html));
    if (status !== 200) return ($(".sentences", dialog).textContent = words.failed);
    dialog.close();
    const row = $("tr", cellsIn(html));
    for (const fresh of [...row.cells]) show(cellOf(fresh.dataset.line), fresh);
    say(row.dataset.said);
  };
  if (dialog) {
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      copy(event.target);
    });
    dialog.addEventListener("close", () => from && enter(from));
    $("[data-cancel]", dialog).addEventListener("click", () => dialog.close());
    $("#plan-copy-open").hidden = false;
    $("#plan-copy-open").addEventListener("click", () => askCopy(active));
    $$(".copy-row", body).forEach((button) => (button.hidden = false));
  }

  // Coming and leaving ----------------------------------------------------------------------------

  let leaving = false;
  bar.addEventListener("click", (event) => {
    if (event.target.matches("[data-save]")) {
      for (const entry of pending.values()) if (entry.state === "offered" || entry.state === "refused") entry.state = "waiting";
      pump();
      const [contested] = [...pending].find(([, entry]) => entry.state === "clash") ?? [];
      if (contested && commit()) {
        enter(cellOf(contested));
        choose(cellOf(contested));
      }
    } else if (event.target.matches("[data-discard]")) {
      [...pending.keys()].forEach(discard);
    }
  });
  // Whoever signs in again comes back, and is offered what was kept.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sign-in], .mark.signin a")) leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if ((pending.size || dirty()) && !leaving) event.preventDefault();
  });
  const submit = $("#plan-submit");
  submit?.addEventListener("submit", async (event) => {
    if (!pending.size && !editor) return;
    event.preventDefault();
    if (!commit()) return;
    await pump();
    if (pending.size) say(words.wait);
    else submit.requestSubmit();
  });
  const print = $("#plan-print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  grid.closest(".scroll").removeAttribute("tabindex");
  for (const cell of $$("td, th", body)) {
    cell.tabIndex = -1;
    prepare(cell);
  }
  if (active) active.tabIndex = 0;
  if (editing) restore();
})();
