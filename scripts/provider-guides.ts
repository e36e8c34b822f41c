import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProviderDefinition } from "../server/src/identities/providers/definition.ts";
import { providerList } from "../server/src/identities/providers/providers.ts";
import { replaceRegion } from "./replace-region.ts";

/** docs/providers.md and its Chinese sister: written by hand but for the table of settings and each provider's guide. */
const texts = {
  en: {
    document: "docs/providers.md",
    head: "| provider | settings | redirect address to register |",
    and: ", ",
    optionally: ", optionally ",
  },
  zh: {
    document: "docs/providers.zh.md",
    head: "| 第三方 | 设置 | 要登记的回调地址 |",
    and: "、",
    optionally: "，可选 ",
  },
} as const;

/** Both documents as they have to be, by their paths from `root`. Throws where a region's marks or a guide are missing. */
export function providerDocuments(root: string): Map<string, string> {
  return new Map(
    (["en", "zh"] as const).map((language) => {
      const { document } = texts[language];
      const present = readFileSync(join(root, document), "utf8");
      const guides = providerList.map(({ name }) => guideOf(root, name, language)).join("\n\n");
      const table = [texts[language].head, "| --- | --- | --- |", ...providerList.map(rowIn(language))];
      const withTable = replaceRegion(document, present, "settings", table.join("\n"));
      return [document, replaceRegion(document, withTable, "guides", guides)];
    }),
  );
}

function guideOf(root: string, name: string, language: "en" | "zh"): string {
  const file = `server/src/identities/providers/${name}/guide.${language}.md`;
  return readFileSync(join(root, file), "utf8").trim();
}

/** What has to be set, and of a family what may be; the other variables are in docs/configuration.md. */
function rowIn(language: "en" | "zh") {
  const { and, optionally } = texts[language];
  const listed = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(and);
  return ({ title, settings: { variables, family } }: ProviderDefinition): string => {
    const entries = Object.entries(family?.variables ?? variables);
    const needed = entries.flatMap(([variable, { fallbackText }]) =>
      variable.endsWith("_CLIENT_ID") || fallbackText === undefined ? [variable] : [],
    );
    const titles = entries.flatMap(([variable]) => (variable.endsWith("_TITLE") ? [variable] : []));
    const settings = listed(needed) + (titles.length > 0 ? optionally + listed(titles) : "");
    const address = entries.find(([variable]) => variable.endsWith("_REDIRECT_URI"))?.[1].fallbackText ?? "";
    const shown = address.replaceAll("`", "").replace(/^PUBLIC_\w+/, "<$&>");
    return `| ${title[language]} | ${settings} | \`${shown}\` |`;
  };
}
