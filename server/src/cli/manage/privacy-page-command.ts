import { type Command, defineCommand, show } from "../command/command.ts";
import { UsageError } from "../terminal/read-arguments.ts";

/** A privacy policy to begin with, filled with what the settings say. */
export const privacyPage: Command = defineCommand({
  name: "privacy-page",
  group: "look",
  needs: "config",
  json: true,
  zh: "按当前设置生成隐私政策的初稿",
  en: "writes a privacy policy to begin with, filled from the settings",
  options: {
    language: {
      type: "string",
      value: "zh|en",
      zh: "哪种语言，缺省随终端",
      en: "in which language; by default the terminal's",
    },
    html: {
      type: "boolean",
      zh: "输出可直接放到网站上的 HTML，而不是 Markdown",
      en: "as HTML that a site can serve, in place of Markdown",
    },
  },
  details: {
    zh: "只有您知道的内容写作【…】，请填写并请法律人士审阅，然后把页面的地址设为品牌的 privacyUrl（docs/brand.zh.md）。\n例：privacy-page --language zh --html > privacy.html",
    en: "What only you know stands in 【…】: fill it in, have somebody read it who knows the law, and set the brand's privacyUrl to its\naddress (docs/brand.md). Example: privacy-page --language en --html > privacy.html",
  },
  check({ values: { language } }) {
    if (language === undefined || language === "zh" || language === "en") return;
    throw new UsageError("--language 只能是 zh 或 en。", "--language is zh or en.");
  },
  async run({ completeConfig, terminal, clock }, { values, json }) {
    const [{ privacyFacts }, { privacyPageZh }, { privacyPageEn }, { toFill, toHtml, toMarkdown }] =
      await Promise.all([
        import("../privacy-page/privacy-facts.ts"),
        import("../privacy-page/page-zh.ts"),
        import("../privacy-page/page-en.ts"),
        import("../privacy-page/page-block.ts"),
      ]);
    const facts = privacyFacts(completeConfig("look"), clock.now());
    const language = values.language ?? terminal.language;
    const page = language === "zh" ? privacyPageZh(facts) : privacyPageEn(facts);
    const text = values.html ? toHtml(page) : toMarkdown(page);
    const places = [...new Set(text.match(toFill))];
    const left = {
      zh: `还有 ${places.length} 处要填写：${places.join("")}`,
      en: `${places.length} places are left to fill in: ${places.join("")}`,
    };
    if (!json) terminal.note(left[terminal.language]);
    show(terminal, json, { language, text, toFill: places }, text);
    return 0;
  },
});
