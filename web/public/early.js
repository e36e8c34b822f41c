// Runs before the first paint, so that a chosen theme or language never flashes. A file and not inline, because the
// Content-Security-Policy allows no inline script. Keys and rules are those of src/theme.ts and src/language.ts.
//
// It also shows #older, the words for a browser that can't run the site (web/served-browsers.ts): one that knows no
// modules, or that fails before the site has put itself in the place of those words. So this file is written for
// browsers of any age; web/test/served-browsers.test.ts reads it as ECMAScript 5.
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem("meiduo.theme");
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
    var language = localStorage.getItem("meiduo.language");
    var first = (navigator.languages || [navigator.language])[0] || "zh";
    var chinese = /^zh/i.test(first);
    root.lang = language === "en" || language === "zh-CN" ? language : chinese ? "zh-CN" : "en";
  } catch (_refused) {
    // Storage is refused (private mode, policy): the defaults stand.
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
