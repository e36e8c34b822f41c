import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson, type Person, type Stack } from "../support/stack.ts";
import { addAuthenticator } from "../support/virtual-authenticator.ts";

interface Words {
  readonly account: string;
  readonly password: string;
  readonly title: string;
  readonly code: string;
  readonly codes: string;
  readonly kept: string;
  readonly due: string;
  readonly begin: string;
  readonly cantRemove: RegExp;
  readonly app: string;
  readonly otherWay: string;
  readonly passkey: string;
  readonly stopped: string;
}

const looks: readonly (Look & { readonly words: Words })[] = [
  {
    ...{ language: "zh-CN", theme: "light" },
    words: {
      ...{ account: "用户名、邮箱或手机号", password: "密码", title: "设置两步验证" },
      ...{ code: "应用显示的 6 位数字", codes: "恢复码", kept: "我已保存好", due: "请开启两步验证" },
      ...{ begin: "开启两步验证", cantRemove: /不能关闭/ },
      ...{ app: "使用验证器应用", otherWay: "换一种方式", passkey: "添加通行密钥", stopped: "没有完成" },
    },
  },
  {
    ...{ language: "en-US", theme: "dark", phone: true },
    words: {
      ...{ account: "User name, e-mail or mobile", password: "Password", title: "Set up a second factor" },
      ...{ code: "Six digits of the app", codes: "Recovery codes", kept: "I have kept them" },
      ...{ due: "Please set up a second factor", begin: "Switch it on", cantRemove: /can’t be switched off/ },
      ...{ app: "Use an authenticator app", otherWay: "Another way", passkey: "Add a passkey" },
      stopped: "It was not finished.",
    },
  },
];

async function staff(stack: Stack): Promise<Person> {
  const person = newPerson();
  await stack.signUp(person);
  await stack.manage("user", "make-staff", person.username);
  return person;
}

/** By the keyboard alone. */
async function logIn(page: Page, person: Person, words: Words): Promise<void> {
  await page.goto("/login?next=%2Faccount%2Fsecond-factor");
  await page.getByLabel(words.account).focus();
  await page.keyboard.insertText(person.username);
  await page.getByLabel(words.password, { exact: true }).focus();
  await page.keyboard.insertText(person.password);
  await page.keyboard.press("Enter");
}

describe("from its day an account that must have a second factor", () => {
  const journey = prepareJourney({ SECOND_FACTOR_REQUIRED_FOR: "staff", SECOND_FACTOR_GRACE_DAYS: "0" });

  it.each(looks)("sets one up at the log-in, and is in by it ($language)", async ({ words, ...look }) => {
    const { stack, browser } = journey;
    const person = await staff(stack);
    const visitor = await browser.visitor(look);
    const page = await visitor.tab();
    await logIn(page, person, words);
    await page.waitForURL("**/second-factor/setup");
    await page.getByRole("heading", { name: words.title }).waitFor();
    await page.locator(".qr").waitFor();
    await expectAccessible(page);
    const secretShown = async () =>
      String(await page.locator(".secret code").textContent()).replace(/\s/g, "");
    const first = await secretShown();
    // A reload loses nothing but the secret that nobody confirmed.
    await page.reload();
    await page.locator(".qr").waitFor();
    const secret = await secretShown();
    expect(secret).not.toBe(first);
    expect(await page.evaluate("sessionStorage.token ?? localStorage.token ?? null")).toBeNull();
    await page.getByLabel(words.code).focus();
    await page.keyboard.insertText("000000");
    await page.keyboard.press("Enter");
    await page.locator("[aria-invalid=true]").waitFor();
    await page.getByLabel(words.code).fill("");
    await page.keyboard.insertText(appCode(secret, Date.now()));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: words.codes }).waitFor();
    expect(await page.locator(".recovery-codes code").count()).toBe(10);
    await expectAccessible(page);
    await page.getByRole("button", { name: words.kept }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/account/second-factor");
    // Whoever must have one is not offered to switch it off.
    await page.getByText(words.cantRemove).waitFor();
    expect(await page.locator(".button.danger").count()).toBe(0);
    await expectAccessible(page);
    await visitor.leave([refusedRequest]);
  });

  it("says what to do where no log-in waits", async () => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    await page.goto("/second-factor/setup");
    await page.getByText("没有等待两步验证的登录，请重新登录。").waitFor();
    await expectAccessible(page);
    await visitor.leave();
  });
});

describe("where browsers have passkeys", () => {
  const journey = prepareJourney(
    { SECOND_FACTOR_REQUIRED_FOR: "staff", SECOND_FACTOR_GRACE_DAYS: "0" },
    { isNamed: true },
  );

  it.each(looks)("it sets a passkey up, or the app all the same ($language)", async ({ words, ...look }) => {
    const { stack, browser } = journey;
    const person = await staff(stack);
    const visitor = await browser.visitor(look);
    const page = await visitor.tab();
    const device = await addAuthenticator(page);
    // Nothing is offered in the field: the form is what is wanted.
    await device.touch(false);
    await logIn(page, person, words);
    await page.waitForURL("**/second-factor/setup");
    await page.getByRole("button", { name: words.app }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: words.app }).press("Enter");
    await page.locator(".qr").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: words.otherWay }).press("Enter");

    // A person who would not, and then one that the device doesn't know: the log-in goes on waiting.
    await device.verify(false);
    await device.touch(true);
    await page.getByRole("button", { name: words.passkey }).press("Enter");
    await page.getByText(words.stopped).waitFor();
    expect(await page.evaluate("sessionStorage.token ?? localStorage.token ?? null")).toBeNull();
    await device.verify(true);
    await page.getByRole("button", { name: words.passkey }).press("Enter");
    await page.getByRole("heading", { name: words.codes }).waitFor();
    expect(await page.locator(".recovery-codes code").count()).toBe(10);
    await expectAccessible(page);
    expect(await device.credentials()).toHaveLength(1);
    await page.getByRole("button", { name: words.kept }).press("Enter");
    await page.waitForURL("**/account/second-factor");
    await page.getByText(words.cantRemove).waitFor();

    // From now on a password alone leads to that passkey.
    const other = await fetch(`${stack.apiUrl}/users/authorizations/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: person.username, password: person.password }),
    });
    expect(await other.json()).toMatchObject({ methods: ["passkey", "recovery_code"] });
    await visitor.leave([refusedRequest]);
  });
});

describe("before its day", () => {
  const journey = prepareJourney({ SECOND_FACTOR_REQUIRED_FOR: "staff" });

  it.each(looks)(
    "it is told when that is, and led to where one is set up ($language)",
    async ({ words, ...look }) => {
      const { stack, browser } = journey;
      const person = await staff(stack);
      const visitor = await browser.visitor(look);
      const page = await visitor.tab();
      await logIn(page, person, words);
      await page.waitForURL("**/account/second-factor");
      await page.goto("/");
      await page.getByRole("heading", { name: words.due }).waitFor();
      await expectAccessible(page);
      await page.getByRole("link", { name: words.begin }).click();
      await page.waitForURL("**/account/second-factor");
      await visitor.leave();
    },
  );
});
