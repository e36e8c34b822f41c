import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson, type Person } from "../support/stack.ts";

/** Somebody downloads what is kept about them, deletes the account, changes their mind at the log-in and keeps it. */
const journey = prepareJourney();
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });

const looks: readonly Look[] = [
  { language: "zh-CN", theme: "light" },
  { language: "en-US", theme: "dark", phone: true },
];

async function logIn(page: Page, { username, password }: Person): Promise<void> {
  await page.locator("[name=username]").fill(username);
  await page.locator("[name=password]").fill(password);
  await page.keyboard.press("Enter");
}

it.each(looks)("own data: fetched, the account deleted, and kept ($language)", async (look) => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor(look);
  const page = await visitor.tab();
  const picture = (name: string) =>
    page.screenshot({ path: join(folder, `own-data-${name}-${look.language}.png`), fullPage: true });
  await page.goto("/account-deletion");
  await expectAccessible(page);
  await picture("public");
  await page.locator("main a.button").click();
  await logIn(page, person);
  await page.waitForURL("**/account/data");
  await page.locator("[data-action=export]").click();
  await page.locator(".notice.good").waitFor();
  await expect
    .poll(
      async () => {
        await page.reload();
        await page.locator("[data-action=export]").waitFor();
        return page.locator("[data-export=ready]").count();
      },
      { timeout: 30_000 },
    )
    .toBe(1);
  const downloading = page.waitForEvent("download");
  await page.locator("[data-export=ready] button").click();
  expect((await downloading).suggestedFilename()).toBe("my-data.zip");

  await page.locator("[data-action=delete]").click();
  await page.locator("[name=current_password]").fill(person.password);
  await expectAccessible(page);
  await picture("delete");
  await page.locator("form [type=submit]").click();
  await page.waitForURL("**/login?reason=deletionAsked");
  await page.locator(".notice.good").waitFor();

  await logIn(page, person);
  await page.waitForURL("**/keep-account");
  await expectAccessible(page);
  await picture("keep");
  await page.locator("[data-action=keep]").click();
  await page.waitForURL((address) => address.pathname === "/");
  await page.goto("/account/data");
  await page.locator("[data-action=delete]").waitFor();
  await visitor.leave([refusedRequest]);
});
