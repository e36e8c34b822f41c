import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { prepareJourney } from "../support/journey.ts";
import { watchRequests } from "../support/settled.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/** Every page of the console without a mouse: from the menu to its heading, and to each of its controls, which show that they have the focus. */
const journey = prepareJourney();

const focused = `(() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const shows = style.outlineStyle !== "none" || style.boxShadow !== "none";
  // A date has parts, which Tab goes through one by one; the browser marks them itself.
  const isPart = at === globalThis.lastWalked;
  const again = at.dataset.walked !== undefined && !isPart;
  at.dataset.walked = "";
  globalThis.lastWalked = at;
  return { isBody: at === document.body, name: at.outerHTML.slice(0, 160), shows: shows || isPart, again };
})()`;
interface Focused {
  readonly isBody: boolean;
  readonly name: string;
  readonly shows: boolean;
  readonly again: boolean;
}

/** Controls of the page that are to be seen and that Tab never came to. A group of radio buttons is one. */
const passedBy = `[...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")]
  .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && one.dataset.walked === undefined)
  .map((one) => one.outerHTML.slice(0, 160))`;

/** From the beginning of the page, where the skip link leads, to its end. */
async function walk(page: Page, where: string): Promise<void> {
  await page.evaluate(
    `document.querySelectorAll("[data-walked]").forEach((one) => delete one.dataset.walked); const main = document.querySelector("main"); main.tabIndex = -1; main.focus()`,
  );
  for (let step = 0; step < 600; step++) {
    await page.keyboard.press("Tab");
    const at = (await page.evaluate(focused)) as Focused;
    if (at.isBody || at.again) break;
    expect(at.shows, `${where}: the focus is not to be seen on ${at.name}`).toBe(true);
  }
  expect(await page.evaluate(passedBy), where).toEqual([]);
}

it("leads from the menu to every page and to everything on it", async () => {
  const { id } = await journey.stack.signUp(newPerson());
  await journey.stack.manage("webhooks", "add", "https://shop.example/hook");
  const { page, visitor } = await openStaff(journey);
  const settled = watchRequests(page);
  await page.goto("/console/");
  await page.locator(".console-menu a").first().waitFor();
  const count = await page.locator(".console-menu a").count();
  expect(count).toBeGreaterThan(14);
  for (let at = 0; at < count; at++) {
    const link = page.locator(".console-menu a").nth(at);
    const name = await link.innerText();
    await link.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
    if (at > 0) expect(await page.evaluate("document.activeElement.tagName"), name).toBe("H1");
    await settled();
    await walk(page, name);
  }
  for (const path of [`users/${id}`, "users/new", "webhooks/1"]) {
    await page.goto(`/console/${path}`);
    await page.locator("h1").waitFor();
    await settled();
    await walk(page, path);
  }
  await visitor.leave();
}, 180_000);
