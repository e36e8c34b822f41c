import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { adoptToken, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

/** Every page in every look, into e2e/screenshots/, to be looked at; axe looks at each as well, in one language. */
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });
const journey = prepareJourney();

const open = [
  "/login",
  "/register",
  "/forgot-password",
  "/",
  "/terms",
  "/error?request=abc-123",
  "/no-such-page",
];
const personal = ["/", "/account", "/account/contact", "/account/password", "/account/bindings"];
const looks: Look[] = (["zh-CN", "en-US"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => [false, true].map((phone) => ({ language, theme, phone }))),
);

it.each(looks)("$language $theme phone=$phone", async (look) => {
  const { stack, browser } = journey;
  const visitor = await browser.visitor(look);
  const page = await visitor.tab();
  for (const path of open) await shoot(page, path, "", look);

  // A form with its mistakes shown.
  await page.goto("/register");
  await page.locator("[name=username]").fill("ab");
  await page.locator("[name=password]").fill("short");
  await page.locator("[type=submit]").click();
  await page.locator("[aria-invalid=true]").first().waitFor();
  await keep(page, "register-mistakes", look);

  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  await adoptToken(page, person, token, id);
  for (const path of personal) await shoot(page, path, "in", look);
  await visitor.leave([refusedRequest]);
});

async function shoot(page: Page, path: string, suffix: string, look: Look): Promise<void> {
  await page.goto(path);
  await page.locator("h1").waitFor();
  // Personal pages wait for the API before they have their parts.
  if (suffix === "in") await page.locator("h2, dl").first().waitFor();
  const name = path.replace(/\?.*/, "").replaceAll("/", "-").slice(1) || "home";
  await keep(page, suffix === "" ? name : `${name}-${suffix}`, look);
}

async function keep(page: Page, name: string, { language, theme, phone }: Look): Promise<void> {
  // The texts differ by language, the colours and the layout by theme and screen: one language is enough for axe.
  if (language === "zh-CN") await expectAccessible(page);
  const file = `${name}.${language?.slice(0, 2)}.${theme}.${phone ? "phone" : "desktop"}.jpg`;
  const picture = await page.screenshot({
    path: join(folder, file),
    type: "jpeg",
    quality: 70,
    fullPage: phone ?? false,
    scale: "css",
  });
  expect(picture.length).toBeGreaterThan(5_000);
}
