/** What most journeys begin with: the product, a browser, and their end after the last test of the file. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { type Look, openBrowser, type TestBrowser, type Visitor } from "./browser.ts";
import { newPerson, type Person, type Stack, startStack } from "./stack.ts";

export interface Journey {
  readonly stack: Stack;
  readonly browser: TestBrowser;
}

/** `isNamed`: at the name of this machine, where browsers have passkeys. */
export function prepareJourney(
  environment: Readonly<Record<string, string>> = {},
  { isNamed = false } = {},
): Journey {
  let stack: Stack | undefined;
  let browser: TestBrowser | undefined;
  beforeAll(async () => {
    const started = await startStack(environment);
    const named = (url: string) => (isNamed ? url.replace("127.0.0.1", "localhost") : url);
    stack = { ...started, siteUrl: named(started.siteUrl), apiUrl: named(started.apiUrl) };
    browser = await openBrowser(stack);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });
  return {
    get stack() {
      return stack!;
    },
    get browser() {
      return browser!;
    },
  };
}

/** Logs in by hand on the page that is shown, in Chinese. */
export async function logIn(page: Page, person: Person, password: string = person.password): Promise<void> {
  await page.getByLabel("用户名、邮箱或手机号").fill(person.username);
  await page.getByLabel("密码", { exact: true }).fill(password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
}

/** Proves by the password, in the dialog that is shown, that it is the owner who asks. */
export async function confirmByPassword(page: Page, person: Person): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "请确认是你本人" });
  await dialog.getByLabel("当前密码").fill(person.password);
  await dialog.getByRole("button", { name: "确认", exact: true }).click();
}

/**
 * Asks for a code by hand, on the page that is shown, and reads it from the mail. Right after the code to sign up with
 * the server refuses another for a second, so a quick machine waits for the button as a person does.
 */
export async function askForCode(stack: Stack, page: Page, address: string, after: number): Promise<string> {
  for (;;) {
    const asked = page.waitForResponse(
      (answer) => answer.url().includes("/email_codes/") && answer.request().method() === "GET",
    );
    await page.getByRole("button", { name: /^(获取验证码|重新获取)$/ }).click();
    const answer = await asked;
    if (answer.ok()) return stack.code(address, after);
    expect(await answer.text(), `status ${answer.status()}`).toContain("频繁");
  }
}

/** Puts a token where the site keeps one for this tab. */
export async function adoptToken(page: Page, person: Person, token: string, id: number): Promise<void> {
  await page.goto("/terms");
  const facts = { token, username: person.username, user_id: String(id) };
  await page.evaluate(`Object.assign(sessionStorage, ${JSON.stringify(facts)})`);
}

export interface LoggedIn {
  readonly person: Person;
  readonly token: string;
  readonly id: number;
  readonly visitor: Visitor;
  readonly page: Page;
}

/** Somebody new, logged in to a tab of a browser of their own. */
export async function openLoggedIn({ stack, browser }: Journey, look?: Look): Promise<LoggedIn> {
  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  const visitor = await browser.visitor(look);
  const page = await visitor.tab();
  await adoptToken(page, person, token, id);
  return { person, token, id, visitor, page };
}
