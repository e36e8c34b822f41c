import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { signUpWithApp } from "../support/second-factor.ts";
import { newPerson, type Person } from "../support/stack.ts";

const journey = prepareJourney();

const looks: readonly (Look & { readonly words: Words })[] = [
  {
    ...{ language: "zh-CN", theme: "light" },
    words: {
      ...{ account: "用户名、邮箱或手机号", password: "密码", logIn: "登录", logOut: "退出登录" },
      ...{ code: "验证码或恢复码", trust: "信任这台设备", list: "信任的设备", remove: /^移除 / },
      removed: "在这台设备上登录将重新要求两步验证。",
    },
  },
  {
    ...{ language: "en-US", theme: "dark", phone: true },
    words: {
      ...{ account: "User name, e-mail or mobile", password: "Password", logIn: "Log in" },
      ...{ logOut: "Log out", code: "Code or recovery code", trust: "Trust this device" },
      ...{ list: "Trusted devices", remove: /^Remove / },
      removed: "A log-in on that device asks for the second factor again.",
    },
  },
];

interface Words {
  readonly account: string;
  readonly password: string;
  readonly logIn: string;
  readonly logOut: string;
  readonly code: string;
  readonly trust: string;
  readonly list: string;
  readonly remove: RegExp;
  readonly removed: string;
}

/** By the keyboard alone. */
async function logIn(page: Page, person: Person, words: Words): Promise<void> {
  await page.goto("/login?next=%2Faccount%2Fdevices");
  await page.getByLabel(words.account).focus();
  await page.keyboard.insertText(person.username);
  await page.getByLabel(words.password, { exact: true }).focus();
  await page.keyboard.insertText(person.password);
  await page.keyboard.press("Enter");
}

it.each(looks)(
  "is ticked at the second step, spares the next one, and is removed ($language)",
  async ({ words, ...look }) => {
    const { stack, browser } = journey;
    const person = newPerson();
    const secret = await signUpWithApp(stack, person);
    const visitor = await browser.visitor(look);
    const page = await visitor.tab();
    await logIn(page, person, words);
    await page.waitForURL("**/second-factor");
    await page.getByLabel(words.trust).waitFor();
    await expectAccessible(page);
    await page.getByLabel(words.trust).focus();
    await page.keyboard.press("Space");
    expect(await page.getByLabel(words.trust).isChecked()).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.insertText(appCode(secret, Date.now()));
    await page.keyboard.press("Enter");
    await page.waitForURL("**/account/devices");
    await page.getByRole("heading", { name: words.list }).waitFor();
    await expectAccessible(page);

    await page.getByRole("button", { name: words.logOut, exact: true }).click();
    await page.waitForURL("**/login?**");
    await logIn(page, person, words);
    await page.waitForURL("**/account/devices");

    await page.getByRole("button", { name: words.remove }).focus();
    await page.keyboard.press("Enter");
    await page.getByText(words.removed).waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("trusted-title");
    await expectAccessible(page);
    await page.getByRole("button", { name: words.logOut, exact: true }).click();
    await page.waitForURL("**/login?**");
    await logIn(page, person, words);
    await page.waitForURL("**/second-factor");
    await visitor.leave([refusedRequest]);
  },
);
