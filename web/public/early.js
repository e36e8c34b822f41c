// Runs before the first paint, so that a chosen theme or language never flashes. A file and not inline, because the
// Content-Security-Policy allows no inline script. Keys are those of src/theme.ts and src/language.ts.
//
// It also shows #older, the words for a browser that can't run the site (web/served-browsers.ts): one that knows no
// modules, or that fails before the site has put itself in the place of those words. So this file is written for
// browsers of any age; web/test/served-browsers.test.ts reads it as ECMAScript 5.
(function () {
  var root = document.documentElement;
  var chosen = null;
  try {
    var theme = localStorage.getItem("meiduo.theme");
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
    chosen = localStorage.getItem("meiduo.language");
  } catch (_refused) {
    // Storage is refused (private mode, policy): the defaults stand.
  }

  /** Simplified or traditional, by the writing or the place that the tag names; nothing of any other language. */
  function writing(tag) {
    if (!/^zh\b/.test(tag)) return "";
    return /-hant\b/.test(tag) || (!/-hans\b/.test(tag) && /-(tw|hk|mo)\b/.test(tag)) ? "hant" : "hans";
  }
  /** The offered language that is closest to a wish, or nothing. As server/src/words/language.ts has it. */
  function closest(offered, wish) {
    var wanted = wish.toLowerCase();
    var best = null;
    var same = null;
    for (var i = 0; i < offered.length; i++) {
      var tag = offered[i].tag.toLowerCase();
      if (tag === wanted) return offered[i];
      if (tag.split("-")[0] !== wanted.split("-")[0]) continue;
      same = same || offered[i];
      if (writing(tag) === writing(wanted)) best = best || offered[i];
    }
    return best || same;
  }
  /** What was chosen before, else the first of the browser's languages that is offered. */
  function firstLanguage(languages) {
    var wishes = navigator.languages || (navigator.language ? [navigator.language] : []);
    var found = chosen && closest(languages.offered, chosen);
    for (var i = 0; i < wishes.length && !found; i++) found = closest(languages.offered, wishes[i]);
    return found || closest(languages.offered, wishes.length > 0 ? languages.others : languages.silent);
  }
  var languages = JSON.parse((document.getElementById("page-languages") || {}).textContent || "{}");
  if (languages.offered) {
    var first = firstLanguage(languages);
    root.lang = first.tag;
    // The site's scripts ask for it only once they are there.
    var texts = document.createElement("link");
    texts.rel = "preload";
    texts.as = "fetch";
    texts.crossOrigin = "anonymous";
    texts.href = first.texts;
    document.head.appendChild(texts);
  }

  var failed = !("noModule" in document.createElement("script"));
  function showOlder() {
    var words = document.getElementById("older");
    if (failed && words) words.removeAttribute("hidden");
  }
  /** Only of the site's own scripts: what a browser's additions put into the page may fail as they like. */
  function noteFailure(event) {
    if (event.target.tagName !== "SCRIPT" && !/\/assets\//.test(event.filename)) return;
    failed = true;
    showOlder();
  }
  document.addEventListener("DOMContentLoaded", showOlder);
  // Capturing: a file that can't be loaded tells only its own element.
  window.addEventListener("error", noteFailure, true);
})();
