// A photo on its way: made small on the phone, named by its hash, sent piece by piece. Gives
// `photoSmall` to whoever sends photos; needs no page.
(() => {
  "use strict";
  const SIDE = 1600;
  const QUALITY = 0.8;
  const CHUNK = 256 * 1024;
  const WAIT = 60000; // for one piece, on a bad line
  // More would fill a phone's memory when decoded; the server says what it thinks of them.
  const MOST_PIXELS = 120e6;

  // Pixels of a JPEG or PNG by its header, 0 where it does not say.
  const pixelsOf = async (file) => {
    const data = new DataView(await file.slice(0, CHUNK).arrayBuffer());
    try {
      if (data.getUint32(0) === 0x89504e47) return data.getUint32(16) * data.getUint32(20);
      if (data.getUint16(0) !== 0xffd8) return 0;
      for (let at = 2; ; at += 2 + data.getUint16(at + 2)) {
        const marker = data.getUint16(at);
        if (marker >= 0xffc0 && marker <= 0xffc2) return data.getUint16(at + 5) * data.getUint16(at + 7);
      }
    } catch (error) {
      if (error instanceof RangeError) return 0;
      throw error;
    }
  };

  // A JPEG of 1600 pixels at most, upright and without EXIF; the file itself where this browser
  // cannot read it (HEIC), so that the server says what to do.
  const makeSmall = async (file) => {
    if ((await pixelsOf(file)) > MOST_PIXELS) return file;
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      return file;
    }
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d", { alpha: false });
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    canvas.width = canvas.height = 0; // gives the memory back at once
    return blob ?? file;
  };

  const sha256Hex = async (blob) => {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // `status` is that of the answer: 0 no connection, 401 signed out; `detail` what the server says.
  class NotSent extends Error {
    constructor(status, detail = "") {
      super(`photo not sent: ${status} ${detail}`);
      Object.assign(this, { status, detail });
    }
  }

  const ask = async (url, signal, options) => {
    const stop = new AbortController();
    const give = () => stop.abort(signal.reason);
    const timer = setTimeout(() => stop.abort(), WAIT);
    signal?.addEventListener("abort", give);
    try {
      signal?.throwIfAborted();
      const response = await fetch(url, { redirect: "manual", cache: "no-store", signal: stop.signal, ...options });
      if (response.type === "opaqueredirect") throw new NotSent(401);
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      const answer = isJson ? await response.json() : {};
      if (isJson && (response.ok || response.status === 409)) return answer;
      throw new NotSent(response.status, answer.detail);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof NotSent ? error : new NotSent(0);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", give);
    }
  };

  // Send what is missing of the photo to its address; begun once more it goes on where it was.
  // Resolves with {received, complete: true}; rejects with NotSent, or as `signal` says.
  const sendPhoto = async (url, blob, { csrf, onProgress = () => {}, signal } = {}) => {
    let here = await ask(url, signal);
    let stuck = 0;
    while (!here.complete) {
      onProgress(Math.min(here.received, blob.size), blob.size);
      const before = here.received;
      here = await ask(url, signal, {
        method: "POST",
        body: blob.slice(before, before + CHUNK),
        headers: {
          "Content-Type": "application/octet-stream",
          "Upload-Offset": before,
          "Upload-Length": blob.size,
          "X-CSRFToken": csrf,
        },
      });
      // Somebody else may send the same photo; together they come to its end.
      stuck = here.received > before ? 0 : stuck + 1;
      if (stuck > 9 && !here.complete) throw new NotSent(409);
    }
    onProgress(blob.size, blob.size);
    return here;
  };

  window.photoSmall = { makeSmall, sha256Hex, sendPhoto, NotSent };
})();
