import { replacedShades } from "../../brand/palette.ts";
import type { Config } from "../../config/config.ts";
import { type Diagnosis, ok } from "./diagnosis.ts";

/** What became of the operator's colour. What is wrong with a brand is said when it is read: then nothing starts. */
export function checkBrand({ brand: { color, name } }: Pick<Config, "brand">): Diagnosis[] {
  const shades = color === null ? [] : replacedShades(color);
  if (shades.length === 0) return [];
  const zh = shades.map(({ mode, color: own, text }) => {
    return `${mode === "light" ? "浅色" : "深色"}页面上 ${own} 看不清，链接和边缘改用 ${text}`;
  });
  const en = shades.map(({ mode, color: own, text }) => {
    return `${own} can't be read on ${mode} pages, so links and edges there are ${text}`;
  });
  return [ok("brand", `${name.zh}：${zh.join("；")}。`, `${name.en}: ${en.join("; ")}.`)];
}
