/** A site that is somebody else's: its folder for BRAND_DIR, made before the product starts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

export const brandColor = { light: "#3d2bd1", dark: "#a79dff" };

const mark = (ink: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><g fill="none" stroke="${ink}" stroke-width="4" stroke-linecap="round"><path d="M4 27c0-9 12-11 14-3 2 9 18 6 18-3"/><path d="M12 10h16M20 4v12"/></g></svg>`;

/** Settings for `prepareJourney`. The folder is gone after the file's tests. */
export function foreignBrand(): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-e2e-brand-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "logo.svg"), mark(brandColor.light));
  writeFileSync(join(folder, "logo-dark.svg"), mark(brandColor.dark));
  const brand = {
    name: { zh: "云起书店", en: "Yunqi Books", "zh-Hant": "雲起書店", ja: "雲起書店" },
    short: { zh: "云起", en: "Yunqi", "zh-Hant": "雲起", ja: "雲起" },
    operator: {
      zh: "云起文化有限公司",
      en: "Yunqi Culture Ltd",
      "zh-Hant": "雲起文化有限公司",
      ja: "雲起文化",
    },
    ...{ logo: "logo.svg", logoDark: "logo-dark.svg", color: brandColor },
    supportEmail: "help@yunqi.example",
  };
  writeFileSync(join(folder, "brand.json"), JSON.stringify(brand));
  return { BRAND_DIR: folder };
}
