// Photos of a matter on a bad connection: made small as they are chosen; where files stand in a form
// of their own sent one after the other, kept on the page until each has arrived. A form with photos
// among its fields stays on the page, with all it holds, until the county has it. Without scripts,
// and over plain HTTP, every form sends itself.
(() => {
  "use strict";
  const { makeSmall } = window.photoSmall;
  const ENOUGH = 400 * 1024; // smaller pictures go as they are
  const PHOTOS = "input[type=file][multiple]";

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
    if (!input.matches(PHOTOS)) return;
    const chosen = [...input.files];
    const made = [];
    for (const file of chosen) made.push(await small(file)); // one decoded at a time fits a phone
    // Something else may have been chosen meanwhile, or these were sent already.
    const same = input.files.length === chosen.length && chosen.every((file, n) => file === input.files[n]);
    if (same) put(input, made);
  });

  const words = {};
  for (const word of document.querySelector("#file-words").content.children) words[word.dataset.word] = word.textContent;
  const say = (word, ...values) => words[word].replace(/\{(\d)\}/g, (_all, n) => values[n]);

  // The token of a page ends with the sign-in; that of the same person's new one, or nothing.
  const newToken = async () => {
    const answer = await fetch(window.location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const same = page.body.dataset.person === document.body.dataset.person;
    return same && page.querySelector("main [name=csrfmiddlewaretoken]")?.value;
  };
  const post = async (form, body) => {
    const headers = { Accept: "application/json" };
    const send = () => fetch(form.action, { method: "POST", body, redirect: "manual", headers });
    const response = await send();
    const token = response.status === 403 && (await newToken());
    if (!token) return response;
    body.set("csrfmiddlewaretoken", token);
    return send();
  };
  const refusal = (response) => {
    if (response.type === "opaqueredirect") return words.signin;
    return [403, 404].includes(response.status) ? words.forbidden : words.failed;
  };

  // "" when it arrived, else the sentence that says why not; `gone` where a second try is in vain.
  const sendOne = async (form, file) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("files", file);
    let response;
    try {
      response = await post(form, body);
    } catch {
      return { why: words.offline };
    }
    if (response.ok) return { why: "" };
    if (response.status === 422) return { why: (await response.json()).detail, gone: true };
    return { why: refusal(response) };
  };

  const sendAll = async (form, input) => {
    const said = form.querySelector(".said");
    const refused = form.querySelector(".refused");
    const files = [...input.files];
    const left = [];
    refused.replaceChildren();
    for (const [n, file] of files.entries()) {
      said.textContent = say("sending", n + 1, files.length);
      const { why, gone } = await sendOne(form, file);
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

  // The page as it comes back with what is wrong; the photos are still chosen.
  const showAgain = (form, input, text) => {
    const files = [...input.files];
    const main = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    document.querySelector("main").replaceWith(main);
    const again = main.querySelector(`form[action="${form.getAttribute("action")}"]`);
    if (!again) return;
    put(again.querySelector(PHOTOS), files);
    again.scrollIntoView();
  };

  const sendForm = async (form, input) => {
    form.querySelector("[data-not-sent]")?.remove();
    let why;
    try {
      const response = await post(form, new FormData(form));
      const type = response.headers.get("Content-Type") || "";
      if (response.ok && type.startsWith("application/json")) {
        window.location.assign((await response.json()).at);
        return;
      }
      if (response.ok) {
        showAgain(form, input, await response.text());
        return;
      }
      why = refusal(response);
    } catch {
      why = words.kept;
    }
    const said = document.createElement("p");
    said.className = "note late mt-3";
    said.setAttribute("role", "alert");
    said.dataset.notSent = "";
    said.textContent = why;
    form.append(said);
    said.scrollIntoView({ block: "center" }); // above the bar at the bottom of a phone
  };

  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const input = form.querySelector(PHOTOS);
      const alone = form.closest("#evidence");
      if (!input || (alone && !input.files.length)) return;
      event.preventDefault();
      const button = event.submitter || form.querySelector("button");
      button.disabled = true;
      await (alone ? sendAll(form, input) : sendForm(form, input));
      button.disabled = false;
    },
    true, // before the page counts the form as sent
  );
})();
