import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import type { Look } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/**
 * Every page of the console into e2e/screenshots/, to be looked at; axe looks at each as well, and none is wider than its screen.
 * `npm test` has four of the eight looks, in which each language, theme and screen meets each other one; `npm run test:release` has all.
 */
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });
const journey = prepareJourney();
const looks: Look[] = (["zh-CN", "en-US"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => [false, true].map((phone) => ({ language, theme, phone }))),
);
const isOneOfFour = (_: Look, position: number) => [0, 3, 5, 6].includes(position);
const pages = [
  "first",
  "overview",
  "users",
  "users/1",
  "users/new",
  "groups",
  "blocks",
  "mails",
  "jobs",
  ...[
    "webhooks",
    "webhooks/1",
    "invitations",
    "services",
    "keys",
    "providers",
    "settings",
    "data-requests",
    "runs",
  ],
  "audit",
  "nowhere",
];

beforeAll(async () => {
  for (let at = 0; at < 3; at++) await journey.stack.signUp(newPerson());
  await journey.stack.manage("webhooks", "add", "https://shop.example/hook");
  await journey.stack.manage("group", "create", "customer_support_of_the_northern_warehouses_and_shops");
});

/** Fields and buttons that stand out of their card, but in a table, which is moved sideways. */
const beyondCard = `[...document.querySelectorAll(".card :is(select, input, textarea, button)")]
  .filter((one) => one.closest("table") === null)
  .filter((one) => one.getBoundingClientRect().right > one.closest(".card").getBoundingClientRect().right)
  .map((one) => one.outerHTML.slice(0, 80))`;
/** Null where the page is none of the menu's. */
const menuHere = `(() => {
  const here = document.querySelector(".console-menu [aria-current]")?.getBoundingClientRect();
  return here === undefined ? null : here.left >= 0 && here.right <= innerWidth;
})()`;

it.each(process.env.EVERY_LOOK === "true" ? looks : looks.filter(isOneOfFour))(
  "$language $theme phone=$phone",
  async (look) => {
    const { page, visitor } = await openStaff(journey, { look });
    for (const path of pages) {
      await page.goto(`/console/${path}`);
      await page.locator("h1").waitFor();
      await page.waitForLoadState("networkidle");
      await expectAccessible(page);
      const beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(beyond, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
      expect(await page.evaluate(beyondCard), `${path}: wider than its card`).toEqual([]);
      expect(await page.evaluate(menuHere), `${path}: the menu shows where one is`).not.toBe(false);
      const name = `console-${path.replaceAll("/", "-")}`;
      const file = `${name}.${look.language?.slice(0, 2)}.${look.theme}.${look.phone ? "phone" : "desktop"}.png`;
      const picture = await page.screenshot({
        path: join(folder, file),
        ...{ type: "png", fullPage: true, scale: "css" },
      });
      expect(picture.length).toBeGreaterThan(5_000);
    }
    await visitor.leave();
  },
  180_000,
);
