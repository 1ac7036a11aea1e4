// The service worker: opens my month and the pages of records without a connection. `PHONE` (what to
// keep) comes from /sw.js, which loads this file after phone-store.js. Pages are kept in a cache that
// belongs to one person and goes when they sign out or somebody else signs in.
(() => {
  "use strict";
  const { version, assets, urls } = self.PHONE;
  const store = self.phoneStore;
  const FILES = `files-${version}`;
  const PATIENCE = 4000; // ms before the kept copy is shown instead of a slow page
  const FRESH = 30 * 60000; // ms in which a page kept in advance is not asked for again
  const AWAY = [502, 503, 504];
  const PERSONAL = [urls.login, urls.set_language, urls.set_theme]; // sent from here, kept pages are no longer right
  const ANSWERS = { credentials: "same-origin", redirect: "manual", cache: "no-store" };

  self.addEventListener("install", (event) => {
    const keepFiles = async () => {
      const files = await caches.open(FILES);
      await files.addAll(assets);
      await files.add(new Request(urls.phone_offline, { cache: "reload" }));
      await self.skipWaiting();
    };
    event.waitUntil(keepFiles());
  });
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

  // Pages kept -------------------------------------------------------------------------------------

  const worthKeeping = (path) => path === urls.my_month || /^\/(contact-points|visits)\/[\w-]+\/record\/$/.test(path);
  const pagesOf = (owner) => caches.open(store.PAGES + owner.id);
  const kept = async (path) => {
    const owner = await store.who();
    return owner && worthKeeping(path) ? (await pagesOf(owner)).match(path) : undefined;
  };
  // Only what names the person whose key is here, whatever a slow answer overtook.
  const keep = async (path, answer) => {
    const owner = await store.who();
    const isPage = answer.ok && !answer.redirected && answer.headers.get("Content-Type")?.startsWith("text/html");
    if (!owner || !isPage) return;
    const html = await answer.text();
    if (!html.includes(`data-person="${owner.id}"`)) return;
    const headers = new Headers(answer.headers);
    for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
    headers.set("X-Kept", Date.now());
    headers.set("X-Kept-For", version);
    await (await pagesOf(owner)).put(path, new Response(html, { headers }));
    if ((await store.who())?.id !== owner.id) await caches.delete(store.PAGES + owner.id); // signed out meanwhile
  };
  // The page is told that it is an old copy: it takes new names for what is written in it.
  const asKept = async (copy) => {
    const at = new Date(Number(copy.headers.get("X-Kept"))).toISOString();
    const html = (await copy.text()).replace("<html ", `<html data-kept="${at}" `);
    return new Response(html, { headers: copy.headers });
  };
  const forgetPages = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(store.PAGES)).map((name) => caches.delete(name)));
    await (await caches.open(FILES)).add(new Request(urls.phone_offline, { cache: "reload" }));
  };
  const isFresh = (copy) =>
    copy && copy.headers.get("X-Kept-For") === version && Date.now() - Number(copy.headers.get("X-Kept")) < FRESH;

  const keepInAdvance = async (paths) => {
    for (const path of paths) {
      if (isFresh(await kept(path))) continue;
      const address = path.startsWith("/contact-points/") ? `${path}?new` : path;
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      await keep(path, answer);
    }
    // Now no kept page needs the files of an earlier version.
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("files-") && name !== FILES);
    await Promise.all(old.map((name) => caches.delete(name)));
  };
  self.addEventListener("message", (event) => {
    // Without a connection the copies stay as they are.
    if (event.data.keep) event.waitUntil(keepInAdvance(event.data.keep).catch(() => {}));
  });

  // What is asked for ------------------------------------------------------------------------------

  const offline = async () => (await caches.match(urls.phone_offline)) ?? Response.error();
  const leave = async () => {
    const answer = await fetch(urls.phone, ANSWERS);
    if (answer.ok) {
      const { csrf } = await answer.json();
      await fetch(urls.logout, { ...ANSWERS, method: "POST", headers: { "X-CSRFToken": csrf } });
    } else if (AWAY.includes(answer.status)) {
      throw new Error("no connection");
    }
    await store.setLeaving(false);
  };
  const inTime = (promise, ms) =>
    Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), ms))]);

  const page = async (event, path) => {
    const request = event.request;
    try {
      if (await store.leaving()) await leave();
    } catch {
      return offline();
    }
    const copy = await kept(path);
    try {
      const asked = fetch(request);
      const answer = await (copy ? inTime(asked, PATIENCE) : asked);
      if (AWAY.includes(answer.status) && copy) return asKept(copy);
      if (worthKeeping(path)) event.waitUntil(keep(path, answer.clone()));
      return answer;
    } catch {
      if (copy) return asKept(copy);
      if (path === urls.home && (await kept(urls.my_month))) return Response.redirect(urls.my_month);
      return offline();
    }
  };
  const sent = async (request, path) => {
    try {
      const answer = await fetch(request);
      // Somebody signed in: whoever was here before is not, until their own page says so.
      if (path === urls.login && answer.type === "opaqueredirect") await store.forget();
      // Kept pages are in the other language, or in the other colours.
      if ([urls.set_language, urls.set_theme].includes(path)) await forgetPages();
      return answer;
    } catch {
      return offline();
    }
  };
  const file = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (request.mode === "navigate") {
      // Other forms go their way as if there were no worker: big uploads, and nothing to add to them.
      if (request.method === "GET") event.respondWith(page(event, url.pathname));
      else if (PERSONAL.includes(url.pathname)) event.respondWith(sent(request, url.pathname));
    } else if (request.method === "GET" && url.pathname.startsWith(self.PHONE.static)) {
      event.respondWith(file(request));
    }
  });
})();
