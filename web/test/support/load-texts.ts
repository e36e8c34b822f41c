/** Chinese and English are loaded when a test of a page begins, as they are written, without a server's. */
if (typeof document !== "undefined") {
  const { i18n, language } = await import("../../src/language.ts");
  const { en } = await import("../../src/texts/en.ts");
  const { zhCN } = await import("../../src/texts/zh-cn.ts");
  i18n.global.setLocaleMessage("zh-Hans", zhCN);
  i18n.global.setLocaleMessage("en", en);
  language.value = "zh-Hans";
}

export {};
