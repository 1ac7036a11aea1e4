// What a phone keeps, in IndexedDB: records on their way, drafts, photos. All of it is encrypted with
// a key of the person's that the server gives (see outreach/phone.py) and that is kept here, not to be
// read out, only while they are signed in. Pages and the service worker share this file.
(() => {
  "use strict";
  if (!self.isSecureContext || !self.indexedDB || !self.crypto?.subtle) return;
  const NAME = "outreach-phone";
  const CONTENTS = ["records", "drafts", "photos"];
  const PAGES = "pages-";

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let opened = null;
  const open = () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("facts");
        for (const name of CONTENTS) request.result.createObjectStore(name, { keyPath: ["person", "id"] });
      };
      request.onsuccess = () => {
        const base = request.result;
        base.onversionchange = base.onclose = () => {
          base.close();
          opened = null;
        };
        resolve(base);
      };
      request.onerror = () => {
        opened = null;
        reject(request.error);
      };
    });
    return opened;
  };
  // A write counts when its transaction is over: the phone may be switched off a moment later.
  const write = async (name, change) => {
    const transaction = (await open()).transaction(name, "readwrite", { durability: "strict" });
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
    change(transaction.objectStore(name));
    await over;
  };
  const read = async (name, ask) => done(ask((await open()).transaction(name).objectStore(name)));

  // Who is signed in on this phone ------------------------------------------------------------------

  // {id, keys: {id: CryptoKey}, ahead}: `id` writes, all read; `ahead` is how far the county's clock is.
  const who = () => read("facts", (store) => store.get("who"));
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const remember = async ({ person, keys, now }) => {
    const kept = {};
    for (const { id, key } of keys) {
      kept[id] = await crypto.subtle.importKey("raw", bytesOf(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    }
    const value = { id: person, keys: kept, ahead: Date.parse(now) - Date.now() };
    await write("facts", (store) => store.put(value, "who"));
    return value;
  };
  // The key and the pages go; what is locked stays for whoever can open it again.
  const forget = async () => {
    await write("facts", (store) => store.delete("who"));
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PAGES)).map((name) => caches.delete(name)));
  };
  // Signed out without a connection: the server hears of it before anything else.
  const leaving = () => read("facts", (store) => store.get("leaving"));
  const setLeaving = (value) => write("facts", (store) => (value ? store.put(value, "leaving") : store.delete("leaving")));
  const now = async () => new Date(Date.now() + ((await who())?.ahead ?? 0));

  // Locked and unlocked -----------------------------------------------------------------------------

  class Locked extends Error {}
  const text = new TextEncoder();
  const label = (name, row) => text.encode(`${name}/${row.person}/${row.id}`);
  const lock = async (name, id, bytes) => {
    const owner = await who();
    if (!owner) throw new Locked("nobody is signed in on this phone");
    const row = { person: owner.id, id, at: Date.now(), iv: crypto.getRandomValues(new Uint8Array(12)) };
    const how = { name: "AES-GCM", iv: row.iv, additionalData: label(name, row) };
    row.data = await crypto.subtle.encrypt(how, owner.keys[owner.id], bytes);
    return row;
  };
  const unlock = async (name, row, owner) => {
    const how = { name: "AES-GCM", iv: row.iv, additionalData: label(name, row) };
    return crypto.subtle.decrypt(how, owner.keys[row.person], row.data);
  };
  const rowsOf = async (name, owner) => {
    if (!owner) return [];
    const rows = await read(name, (store) => store.getAll());
    return rows.filter((row) => owner.keys[row.person]);
  };
  const rowOf = async (name, id, owner) => {
    for (const person of owner ? Object.keys(owner.keys) : []) {
      const row = await read(name, (store) => store.get([person, id]));
      if (row) return row;
    }
    return null;
  };
  const parse = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

  const put = async (name, id, value) => {
    const bytes = value instanceof ArrayBuffer ? value : text.encode(JSON.stringify(value));
    const row = await lock(name, id, bytes);
    await write(name, (store) => store.put(row));
  };
  const bytes = async (name, id) => {
    const owner = await who();
    const row = await rowOf(name, id, owner);
    return row && unlock(name, row, owner);
  };
  const get = async (name, id) => {
    const found = await bytes(name, id);
    return found && parse(found);
  };
  const all = async (name) => {
    const owner = await who();
    const rows = await rowsOf(name, owner);
    const values = await Promise.all(rows.map(async (row) => parse(await unlock(name, row, owner))));
    return values.sort((one, other) => one.at - other.at);
  };
  const remove = async (name, id) => {
    const owner = await who();
    if (!owner) throw new Locked("nobody is signed in on this phone");
    await write(name, (store) => {
      for (const person of Object.keys(owner.keys)) store.delete([person, id]);
    });
  };

  self.phoneStore = { PAGES, Locked, who, remember, forget, leaving, setLeaving, now, put, get, bytes, all, remove };
})();
