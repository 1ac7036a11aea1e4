// A question read aloud, where the browser can: its words, then its answers.
"use strict";
if ("speechSynthesis" in window && "SpeechSynthesisUtterance" in window) {
  for (const button of document.querySelectorAll(".aloud")) {
    button.hidden = false;
    button.addEventListener("click", function () {
      const parts = button.closest("fieldset").querySelectorAll("legend, label span");
      const said = new SpeechSynthesisUtterance(
        Array.from(parts, (part) => part.textContent.trim()).join("。")
      );
      said.lang = document.documentElement.lang;
      said.rate = 0.85;
      speechSynthesis.cancel();
      speechSynthesis.speak(said);
    });
  }
}
