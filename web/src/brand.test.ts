import { expect, it } from "vitest";
import { nameIn, sealOf } from "./brand.ts";
import { readPageSettings } from "./page-settings.ts";

it("reads the names that the server wrote into the page", () => {
  const { brand } = readPageSettings(
    '{"brand":{"name":{"zh":"云起书店","en":"Yunqi"},"short":{"zh":"云起","en":"Yunqi"}}}',
  );
  expect([nameIn(brand.name, "zh-CN"), nameIn(brand.short, "zh-Hant"), nameIn(brand.name, "ja")]).toEqual([
    "云起书店",
    "云起",
    "Yunqi",
  ]);
  expect(readPageSettings(undefined).brand.name).toEqual({ zh: "", en: "" });
});

it.each([
  ["美多", ["美", "多"]],
  ["云起书店", ["云", "起"]],
  ["Acme", ["A"]],
  ["书", ["书"]],
  ["🐼 Panda", ["🐼"]],
])("draws the seal of %s from its first characters", (short, seal) => {
  expect(sealOf(short)).toEqual(seal);
});
