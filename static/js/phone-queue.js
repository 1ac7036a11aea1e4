// Records on their way from this phone to the county: put down first, sent then, kept until the
// server has confirmed the record and each of its photos. Two tabs never send one record at once.
(() => {
  "use strict";
  const store = self.phoneStore;
  const places = document.querySelector("#phone")?.dataset;
  if (!store || !places || !navigator.locks || !self.photoSmall || !AbortSignal.timeout || !crypto.randomUUID) return;
  const DAY = 86400000;
  const OLD = 2 * DAY; // unsent for so long, the person is warned
  const WAIT = 30000;
  const PAUSES = [15, 30, 60, 120, 300, 600].map((seconds) => seconds * 1000);
  // What says how a record is sent, and not what it says.
  const ENVELOPE = ["csrfmiddlewaretoken", "edition", "after", "opened", "written", "revision", "base", "take", "seen", "ask"];

  const channel = new BroadcastChannel("outreach-phone");
  const listeners = new Set();
  const progress = new Map(); // record -> {n, of, percent}
  const hear = (news) => {
    if (news.progress) progress.set(news.id, news.progress);
    else if (news.id) progress.delete(news.id);
    for (const listener of listeners) listener(news);
  };
  channel.onmessage = (event) => hear(event.data);
  const tell = (news) => {
    channel.postMessage(news);
    hear(news);
  };

  // The rows ----------------------------------------------------------------------------------------

  // One at a time changes a row: between reading and writing it there is the encryption.
  const change = (id, how) =>
    navigator.locks.request(`outreach-row-${id}`, async () => {
      const item = await store.get("records", id);
      const next = how(item);
      if (next) await store.put("records", id, next);
      return next;
    });
  const contentOf = (fields) => JSON.stringify(fields.filter(([name]) => !ENVELOPE.includes(name)));
  const isOpen = (item) => item.state !== "received" || item.photos.some((photo) => !photo.done);

  // Put a record down: {id, url, point, title, day, fields, send, photos: [{id, sha, type}]}, and the photos
  // the person took out. The same content again keeps its edition, so that the server knows it; other
  // content is a new one.
  const save = async (record, removed = []) => {
    const edition = crypto.randomUUID();
    const written = (await store.now()).toISOString();
    const item = await change(record.id, (before) => {
      const again = before?.send === record.send && contentOf(before.fields ?? []) === contentOf(record.fields);
      const known = (before?.photos ?? []).filter((photo) => !removed.includes(photo.id));
      const photos = [...known, ...record.photos.filter((photo) => !known.some(({ id }) => id === photo.id))];
      return {
        ...record,
        photos,
        at: Date.now(),
        state: "waiting",
        edition: again ? before.edition : edition,
        written: again ? before.written : written,
        after: before && !again ? [...before.after, before.edition] : (before?.after ?? []),
        tries: 0,
        next: 0,
      };
    });
    navigator.storage?.persist?.(); // asked once; a phone short of space then empties others first
    tell({ id: record.id });
    return item;
  };
  const discard = async (id) => {
    const item = await store.get("records", id);
    for (const photo of item?.photos ?? []) await store.remove("photos", photo.id);
    await store.remove("records", id);
    tell({ id });
  };
  const list = async () => {
    const items = await store.all("records");
    const over = items.filter((item) => !isOpen(item) && Date.now() - item.receivedAt > DAY);
    for (const item of over) await store.remove("records", item.id);
    return items.filter((item) => !over.includes(item));
  };
  const unsent = async () => (await list()).filter(isOpen);

  // Sending -----------------------------------------------------------------------------------------

  const ask = (url, options) => fetch(url, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(WAIT), ...options });

  // A token to send with, if the person of this phone is the one who is signed in.
  const greet = async () => {
    const owner = await store.who();
    let answer;
    try {
      answer = await ask(places.keys);
      if (answer.type === "opaqueredirect") return { state: "signin" };
      if (answer.status === 404) return { state: "other" }; // a role that records nothing
      if (!answer.ok) return { state: "away" };
      answer = await answer.json();
    } catch {
      return { state: "away" };
    }
    const expected = [owner?.id, document.body.dataset.person].filter(Boolean);
    if (!expected.every((person) => answer.keys.some(({ id }) => id === person))) return { state: "other" };
    if (owner?.id !== answer.person) await store.remember(answer);
    return { state: "here", csrf: answer.csrf };
  };

  const bodyOf = (item, asks) => {
    const body = new FormData();
    for (const [name, value] of item.fields) if (!["edition", "after", "written", "ask"].includes(name)) body.append(name, value);
    body.append("edition", item.edition);
    body.append("after", item.after.slice(-100).join(" "));
    body.append("written", item.written);
    body.append(item.send ? "send" : "keep", "1");
    if (asks) body.append("ask", "1");
    return body;
  };
  const post = async (item, csrf, asks) => {
    const headers = { Accept: "application/json", "X-CSRFToken": csrf };
    const answer = await ask(item.url, { method: "POST", body: bodyOf(item, asks), headers });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (isJson && [200, 409, 422].includes(answer.status)) return answer.json();
    if (answer.type === "opaqueredirect") return { state: "signin" };
    if ([400, 403, 404, 413].includes(answer.status)) return { state: "forbidden" };
    return { state: "away" };
  };
  // What the answer makes of the row, unless the person saved something else meanwhile.
  const note = (sent, facts) =>
    change(sent.id, (item) => (item && item.edition === sent.edition && item.send === sent.send ? { ...item, ...facts } : null));

  const sendRecord = async (item, csrf, asks) => {
    let answer;
    try {
      tell({ id: item.id, progress: { n: 0, of: item.photos.length, percent: 0 } });
      answer = await post(item, csrf, asks);
    } catch {
      answer = { state: "away" };
    }
    if (["received", "known"].includes(answer.state)) {
      const { stamp, texts, url, sent } = answer;
      await note(item, { state: "received", receivedAt: Date.parse(answer.at), stamp, texts, page: url, sent, why: null });
    } else if (["conflict", "refused", "look", "forbidden"].includes(answer.state)) {
      const { state, errors, html, stamp } = answer;
      await note(item, { state: "needs", why: { state, errors, html, stamp } });
    }
    return answer;
  };

  const sendPhotoOf = async (item, photo, csrf) => {
    const data = await store.bytes("photos", photo.id);
    if (!data) return { state: "received" }; // another tab was first
    const n = item.photos.indexOf(photo) + 1;
    const onProgress = (here, all) =>
      tell({ id: item.id, progress: { n, of: item.photos.length, percent: Math.floor((100 * here) / all) } });
    try {
      const blob = new Blob([data], { type: photo.type });
      await self.photoSmall.sendPhoto(new URL(`../photos/${photo.sha}/`, new URL(item.url, location.href)).href, blob, { csrf, onProgress });
    } catch (error) {
      const known = { 401: "signin", 403: "forbidden", 404: "forbidden", 422: "refused" }[error.status];
      return { state: known ?? "away", detail: error.detail };
    }
    return { state: "received" };
  };
  const sendPhotos = async (item, csrf) => {
    let outcome = { state: "received" };
    for (const photo of item.photos.filter((each) => !each.done)) {
      const answer = await sendPhotoOf(item, photo, csrf);
      const mark = (facts) =>
        change(item.id, (row) => row && { ...row, ...facts(row), photos: row.photos.map((each) => (each.id === photo.id ? { ...each, done: answer.state === "received" } : each)) });
      if (answer.state === "received") {
        await mark(() => ({}));
        await store.remove("photos", photo.id);
      } else if (["signin", "away"].includes(answer.state)) {
        return answer;
      } else {
        const why = { state: answer.state === "refused" ? "photo" : "forbidden", n: item.photos.indexOf(photo) + 1, detail: answer.detail };
        await mark(() => ({ state: "needs", why }));
        outcome = answer;
      }
    }
    return outcome;
  };
  // What was confirmed needs no copy here any more.
  const lighten = (id) =>
    change(id, (item) => item && (isOpen(item) ? null : { ...item, fields: [], why: null }));

  // Send one record and what belongs to it; `asks` when its page waits and shows the answer.
  const deliver = (id, { asks = false, photos = true } = {}) =>
    navigator.locks.request(`outreach-sending-${id}`, async () => {
      let item = await store.get("records", id);
      if (!item || item.state === "needs" || !isOpen(item)) return { state: item?.state ?? "received" };
      const session = await greet();
      let answer = session;
      if (session.state === "here") {
        answer = item.state === "waiting" ? await sendRecord(item, session.csrf, asks) : { state: "received" };
        item = await store.get("records", id);
        if (photos && item?.state === "received") answer = await sendPhotos(item, session.csrf);
        await lighten(id);
      }
      if (answer.state === "away") {
        await change(id, (row) => row && { ...row, tries: row.tries + 1, next: Date.now() + PAUSES[Math.min(row.tries, PAUSES.length - 1)] });
      }
      tell({ id, outcome: answer.state });
      return answer;
    });

  let timer = 0;
  const later = async () => {
    clearTimeout(timer);
    const waiting = (await unsent()).filter((item) => item.state !== "needs");
    if (!waiting.length) return;
    const next = Math.min(...waiting.map((item) => item.next || 0));
    timer = setTimeout(() => flush(), Math.max(5000, next - Date.now()));
  };
  // Send what is due, oldest first, if nobody does; `all` (a tap): also what failed a moment ago, and
  // after whoever is at it now.
  const flush = async ({ all = false } = {}) => {
    let last = { state: "received" };
    await navigator.locks.request("outreach-flush", { ifAvailable: !all }, async (lock) => {
      if (!lock) return;
      for (const item of await unsent()) {
        if (item.state === "needs" || (!all && item.next > Date.now())) continue;
        last = await deliver(item.id);
        if (["away", "signin", "other"].includes(last.state)) break;
      }
    });
    if (["received", "away"].includes(last.state)) await later();
    return last;
  };

  // When nothing else helps -------------------------------------------------------------------------

  const base64 = (data) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
      reader.readAsDataURL(new Blob([data]));
    });
  // Everything unsent as one file that any other machine can read.
  const exported = async () => {
    const records = [];
    for (const item of [...(await unsent()), ...(await store.all("drafts"))]) {
      const photos = [];
      for (const photo of item.photos.filter((each) => !each.done)) {
        const data = await store.bytes("photos", photo.id);
        if (data) photos.push({ sha256: photo.sha, type: photo.type, base64: await base64(data) });
      }
      const { id, title, url, fields, edition, written, send } = item;
      records.push({ record: id, village: title, address: url, edition, written, send, fields, photos });
    }
    const file = { format: "outreach-records-1", exported: (await store.now()).toISOString(), records };
    return new Blob([JSON.stringify(file, null, 1)], { type: "application/json" });
  };

  self.phoneQueue = { OLD, progress, listeners, tell, save, discard, list, unsent, isOpen, deliver, flush, greet, exported };
})();
