import { expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { checkBrand } from "./brand-checks.ts";

test("a colour that can't be read everywhere is told with what stands in for it", () => {
  const found = (BRAND_COLOR: string) => checkBrand(readConfig({ DATA_DIR: "/nowhere", BRAND_COLOR }));
  expect(found("#ffd400")).toMatchObject([
    {
      level: "ok",
      en: expect.stringMatching(/#ffd400 can't be read on light pages, so .* are #[0-9a-f]{6}\.$/),
    },
  ]);
  expect(found("#00205b")[0]?.zh).toMatch(/深色页面上 #00205b 看不清，链接和边缘改用 #[0-9a-f]{6}。$/);
  expect(checkBrand(readConfig({ DATA_DIR: "/nowhere" }))).toEqual([]);
});
