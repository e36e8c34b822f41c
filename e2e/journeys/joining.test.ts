import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson, type Person } from "../support/stack.ts";

/**
 * Somebody who came by QQ first joins that account into the one with a password: begins there, logs in by QQ and proves it there once
 * more, comes back, looks at what becomes of both, and confirms. From then on QQ opens the account that stayed.
 */
const journey = prepareJourney();
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });

const looks: readonly (Look & { readonly person: string })[] = [
  { language: "zh-CN", theme: "light", person: "penguin" },
  { language: "en-US", theme: "dark", phone: true, person: "emoji" },
];

async function allow(page: Page, person: string): Promise<void> {
  await page.getByTestId("sandbox-banner").waitFor();
  await page.getByTestId(`person-${person}`).click();
  await page.getByTestId("allow").click();
}

async function logIn(page: Page, { username, password }: Person): Promise<void> {
  await page.locator("[name=username]").fill(username);
  await page.locator("[name=password]").fill(password);
  await page.keyboard.press("Enter");
}

const byQq = (page: Page) => page.getByRole("button", { name: /用QQ登录|with QQ/ }).click();
const at = (page: Page, stage: string) => page.locator(`[data-stage=${stage}]`).waitFor();

it.each(looks)(
  "an account of QQ goes into one with a password ($language)",
  async ({ person: qq, ...look }) => {
    const { stack, browser } = journey;
    const [kept, joined] = [newPerson(), newPerson()];
    await stack.signUp(kept);
    const visitor = await browser.visitor(look);
    const page = await visitor.tab();
    const picture = async (name: string) => {
      await expectAccessible(page);
      await page.screenshot({ path: join(folder, `joining-${name}-${look.language}.png`), fullPage: true });
    };

    // The account that QQ made.
    await page.goto("/login");
    await byQq(page);
    await allow(page, qq);
    await page.getByLabel(/新建账号|new account/i).check();
    await page.locator("[name=username]").fill(joined.username);
    await page.locator("form [type=submit]").click();
    await page.getByRole("heading", { name: joined.username }).waitFor();
    await page.goto("/account");
    await page.getByRole("button", { name: /退出登录|Log out/ }).click();

    await page.waitForURL("**/login?reason=loggedOut");
    await logIn(page, kept);
    await page.getByRole("heading", { name: kept.username }).waitFor();
    await page.goto("/account/bindings");
    await page.locator("[data-action=joining]").waitFor();
    await picture("link");
    await page.locator("[data-action=joining]").click();
    await at(page, "begin");
    await picture("begin");
    await page.locator("[data-action=begin]").click();
    await at(page, "other");
    await picture("other");
    await page.locator("[data-action=other]").click();
    await page.waitForURL((address) => address.searchParams.get("reason") === "joinOther");
    await picture("log-in");

    await byQq(page);
    await allow(page, qq);
    await at(page, "agree");
    await picture("agree");
    await page.locator("[data-action=agree]").click();
    // A log-in of this minute is not enough: QQ is asked once more, and what was begun goes on by itself.
    await page.getByRole("dialog").getByRole("button", { name: /QQ/ }).click();
    await allow(page, qq);
    await at(page, "back");
    await picture("back");
    await page.locator("[data-action=back]").click();
    await page.waitForURL((address) => address.searchParams.get("reason") === "joinKept");

    await logIn(page, kept);
    await at(page, "preview");
    const moves = page.locator("[data-becomes=moves]");
    await moves.getByText("QQ", { exact: true }).waitFor();
    await page.locator("[data-becomes=lost]").getByText(joined.username).waitFor();
    await picture("preview");
    await page.locator("[data-action=join]").click();
    await page.getByRole("dialog").locator("[type=password]").fill(kept.password);
    await page.getByRole("dialog").locator("[type=submit]").click();
    await at(page, "done");
    await picture("done");

    await page.goto("/account");
    await page.getByRole("button", { name: /退出登录|Log out/ }).click();
    await page.waitForURL("**/login?reason=loggedOut");
    await byQq(page);
    await allow(page, qq);
    await page.getByRole("heading", { name: kept.username }).waitFor();
    const { text } = await stack.mail(kept.email);
    expect(text).toContain(joined.username);
    await visitor.leave([refusedRequest]);
  },
);

it("an address brings nothing: neither an offer nor a ticket", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor({ language: "zh-CN" });
  const page = await visitor.tab();
  await page.goto("/login?next=%2Fjoining");
  await logIn(page, person);
  await at(page, "begin");
  for (const brought of ["?offer=thiefs&keptId=1", "?ticket=thiefs&digest=x#offer=thiefs"]) {
    await page.goto(`/joining${brought}`);
    await at(page, "begin");
  }
  await visitor.leave();
});
