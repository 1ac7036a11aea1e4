// Photos on the page of a visit: a viewer, and sending them one after the other. Without scripts
// the pictures are links and the form sends itself.
(() => {
  "use strict";
  const section = document.querySelector("#photos");
  if (!section) return;
  const $ = (selector, root = section) => root.querySelector(selector);

  // The viewer ------------------------------------------------------------------------------------

  const links = () => [...section.querySelectorAll(".photos a")];
  let dialog = null;
  let at = 0;
  const show = (n) => {
    const all = links();
    at = (n + all.length) % all.length;
    const picture = $("img", dialog);
    picture.src = all[at].href;
    picture.alt = $("img", all[at]).alt;
    $("p", dialog).textContent = picture.alt;
    $("a", dialog).href = all[at].dataset.whole;
    for (const button of dialog.querySelectorAll("[data-turn]")) button.hidden = all.length < 2;
  };
  const makeDialog = () => {
    dialog = $("#photo-viewer").content.firstElementChild.cloneNode(true);
    document.body.append(dialog);
    dialog.addEventListener("keydown", (event) => {
      const turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (turn) show(at + turn);
    });
    dialog.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.turn) show(at + Number(button.dataset.turn));
      else if (button) dialog.close();
    });
    dialog.addEventListener("close", () => {
      $("img", dialog).removeAttribute("src");
      links()[at]?.focus();
    });
  };
  section.addEventListener("click", (event) => {
    const link = event.target.closest(".photos a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!dialog) makeDialog();
    show(links().indexOf(link));
    dialog.showModal();
    $("[data-close]", dialog).focus();
  });

  // Sending ---------------------------------------------------------------------------------------

  const form = $(".add-photos");
  // Hashes need a safe address (https or this machine); elsewhere the form sends itself.
  if (!form || !window.isSecureContext) return;
  const { makeSmall, sha256Hex, sendPhoto } = window.photoSmall;
  const input = $("#id_photos");
  const again = $("[data-again]");
  const words = {};
  for (const word of $("#photo-words").content.children) words[word.dataset.word] = word.textContent;
  const put = (word, ...values) => words[word].replace(/\{(\d)\}/g, (_all, n) => values[n]);
  const say = (text) => ($(".said").textContent = text);
  const csrf = $("[name=csrfmiddlewaretoken]", form).value;
  const reason = ({ status, detail }) =>
    detail || words[{ 0: "offline", 401: "signin", 403: "forbidden", 404: "forbidden" }[status] ?? "failed"];

  let left = []; // files that a second try may still send
  let sending = false;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const sendOne = async (file, n, total) => {
    say(put("small", n, total));
    const blob = await makeSmall(file);
    const url = form.dataset.photo.replace(/0{64}/, await sha256Hex(blob));
    const onProgress = (done, all) => say(put("sent", n, total, Math.floor((100 * done) / all)));
    for (const wait of [1000, 4000, 0]) {
      try {
        return await sendPhoto(url, blob, { csrf, onProgress });
      } catch (error) {
        if (!wait || ![0, 502, 503, 504].includes(error.status)) throw error;
        await pause(wait);
      }
    }
  };
  const refuse = (file, error) => {
    const item = document.createElement("li");
    item.textContent = put("refused", file.name, reason(error));
    $(".refused").append(item);
  };
  const sendAll = async (files) => {
    sending = true;
    left = [];
    again.hidden = true;
    $(".refused").replaceChildren();
    let done = 0;
    for (const [n, file] of files.entries()) {
      try {
        await sendOne(file, n + 1, files.length);
        done += 1;
      } catch (error) {
        if (error.status !== 422) left.push(file);
        refuse(file, error);
      }
    }
    sending = false;
    say(put("done", done, files.length));
    again.hidden = !left.length;
    input.value = "";
    if (done) window.htmx.ajax("GET", section.dataset.url, { target: "#photo-grid", swap: "outerHTML" });
  };
  const begin = (files) => {
    if (files.length && !sending) sendAll(files);
  };
  $("button:not([type])", form).hidden = true;
  input.addEventListener("change", () => begin([...input.files]));
  again.addEventListener("click", () => begin(left));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin([...input.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (sending) event.preventDefault();
  });
})();
