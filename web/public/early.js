// Runs before the first paint, so that a chosen theme or language never flashes. A file and not inline, because the
// Content-Security-Policy allows no inline script. Keys and rules are those of src/theme.ts and src/language.ts.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("meiduo.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const language = localStorage.getItem("meiduo.language");
    const chinese = (navigator.languages[0] || "zh").toLowerCase().startsWith("zh");
    root.lang = language === "en" || language === "zh-CN" ? language : chinese ? "zh-CN" : "en";
  } catch {
    // Storage is refused (private mode, policy): the defaults stand.
  }
})();
