import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { adoptToken, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

/**
 * Every page in every look, into e2e/screenshots/, to be looked at; axe looks at each as well, in one language. `npm test` has
 * four of the eight looks, in which each language, theme and screen meets each other one; `npm run test:release` has all.
 */
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
const personal = ["/", "/account", "/account/contact", "/account/password"];
/** Each look binds somebody else: a person at a provider belongs to one account. */
const strangers = ["penguin", "xiaomei", "emoji", "rtl"];
const looks: Look[] = (["zh-CN", "en-US"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => [false, true].map((phone) => ({ language, theme, phone }))),
);
const isOneOfFour = (_: Look, position: number) => [0, 3, 5, 6].includes(position);

it.each(process.env.EVERY_LOOK === "true" ? looks : looks.filter(isOneOfFour))(
  "$language $theme phone=$phone",
  async (look) => {
    const position = looks.indexOf(look);
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

    // A first log-in with a third party, from its own page to the choice, and one that fails.
    await page.goto("/login");
    await page.locator(".third-party-buttons button").nth(1).click();
    await page.getByTestId("sandbox-banner").waitFor();
    await keep(page, "sandbox-consent", look);
    await page.getByTestId("person-xiaomei").click();
    await page.getByTestId("allow").click();
    await page.locator(".ways").waitFor();
    await keep(page, "callback-bind", look);
    await page.locator(".ways input").nth(1).check();
    await keep(page, "callback-create", look);
    await page.goto("/oauth/callback/weibo?error=access_denied&state=abc");
    await page.locator(".notice").waitFor();
    await keep(page, "callback-cancelled", look);

    const person = newPerson();
    const { token, id } = await stack.signUp(person);
    await adoptToken(page, person, token, id);
    for (const path of personal) await shoot(page, path, "in", look);
    await page.goto("/account/bindings");
    await page
      .locator(".binding button")
      .nth(position < strangers.length ? 0 : 2)
      .click();
    await page.locator(".step-up input[name=password]").fill(person.password);
    await page.locator(".step-up [type=submit]").click();
    await page.getByTestId(`person-${strangers[position % strangers.length]}`).click();
    await page.getByTestId("allow").click();
    await page.locator(".binding .person-picture").waitFor();
    await keep(page, "account-bindings-in", look);

    await page.goto(`${stack.apiUrl}/sandbox/mailbox/`);
    await page.getByText(person.email).first().waitFor();
    await keep(page, "mailbox", look);
    await page.goto(stack.sandboxUrl);
    await keep(page, "sandbox", look);
    await page.goto(`${stack.apiUrl}/docs`);
    await page.locator(".opblock").first().waitFor();
    await keep(page, "docs", look, false);
    // The documentation's library styles one element by an attribute, which its page's policy refuses.
    await visitor.leave([refusedRequest, /Applying inline style violates/]);
  },
  180_000,
);

async function shoot(page: Page, path: string, suffix: string, look: Look): Promise<void> {
  await page.goto(path);
  await page.locator("h1").waitFor();
  // Personal pages wait for the API before they have their parts.
  if (suffix === "in") await page.locator("h2, dl").first().waitFor();
  const name = path.replace(/\?.*/, "").replaceAll("/", "-").slice(1) || "home";
  await keep(page, suffix === "" ? name : `${name}-${suffix}`, look);
}

/** `ours` is false for a page that is a library's. */
async function keep(page: Page, name: string, { language, theme, phone }: Look, ours = true): Promise<void> {
  // The texts differ by language, the colours and the layout by theme and screen: one language is enough for axe.
  if (language === "zh-CN" && ours) await expectAccessible(page);
  const file = `${name}.${language?.slice(0, 2)}.${theme}.${phone ? "phone" : "desktop"}.jpg`;
  const picture = await page.screenshot({
    path: join(folder, file),
    type: "jpeg",
    quality: 70,
    fullPage: ours && (phone ?? false),
    scale: "css",
  });
  expect(picture.length).toBeGreaterThan(5_000);
}
