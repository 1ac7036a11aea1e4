// Photos of a matter on a bad connection: made small as they are chosen, and where files stand in a
// form of their own sent one after the other, kept on the page until each has arrived. Without
// scripts, and over plain HTTP, every form sends itself.
(() => {
  "use strict";
  const { makeSmall } = window.photoSmall;
  const ENOUGH = 400 * 1024; // smaller pictures go as they are

  const small = async (file) => {
    if (!file.type.startsWith("image/") || file.size <= ENOUGH) return file;
    const blob = await makeSmall(file);
    if (blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: blob.type });
  };

  const put = (input, files) => {
    const list = new DataTransfer();
    for (const file of files) list.items.add(file);
    input.files = list.files;
  };

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][multiple]")) return;
    const chosen = [...input.files];
    const made = [];
    for (const file of chosen) made.push(await small(file)); // one decoded at a time fits a phone
    // Something else may have been chosen meanwhile, or these were sent already.
    const same = input.files.length === chosen.length && chosen.every((file, n) => file === input.files[n]);
    if (same) put(input, made);
  });

  const form = document.querySelector("#evidence form");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const said = form.querySelector(".said");
  const refused = form.querySelector(".refused");
  const words = {};
  for (const word of document.querySelector("#file-words").content.children) words[word.dataset.word] = word.textContent;
  const say = (word, ...values) => words[word].replace(/\{(\d)\}/g, (_all, n) => values[n]);

  // "" when it arrived, else the sentence that says why not; `gone` where a second try is in vain.
  const sendOne = async (file) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("files", file);
    let response;
    try {
      response = await fetch(form.action, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } });
    } catch {
      return { why: words.offline };
    }
    if (response.ok) return { why: "" };
    if (response.type === "opaqueredirect") return { why: words.signin };
    if (response.status === 422) return { why: (await response.json()).detail, gone: true };
    return { why: [403, 404].includes(response.status) ? words.forbidden : words.failed };
  };

  const sendAll = async (files) => {
    const left = [];
    refused.replaceChildren();
    for (const [n, file] of files.entries()) {
      said.textContent = say("sending", n + 1, files.length);
      const { why, gone } = await sendOne(file);
      if (!why) continue;
      if (!gone) left.push(file);
      const item = document.createElement("li");
      item.textContent = gone ? why : say("refused", file.name, why);
      refused.append(item);
    }
    put(input, left);
    said.textContent = say("done", files.length - refused.children.length, files.length);
    if (!refused.children.length) window.location.reload();
  };

  form.addEventListener("submit", async (event) => {
    const files = [...input.files];
    if (!files.length) return;
    event.preventDefault();
    button.disabled = true;
    await sendAll(files);
    button.disabled = false;
  });
})();
