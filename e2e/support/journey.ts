/** What most journeys begin with: the product, a browser, and their end after the last test of the file. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { type Person, type Stack, startStack } from "./stack.ts";

export interface Journey {
  readonly stack: Stack;
  readonly browser: TestBrowser;
}

export function prepareJourney(environment: Readonly<Record<string, string>> = {}): Journey {
  let stack: Stack | undefined;
  let browser: TestBrowser | undefined;
  beforeAll(async () => {
    stack = await startStack(environment);
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

/** Puts a token where the site keeps one for this tab. */
export async function adoptToken(page: Page, person: Person, token: string, id: number): Promise<void> {
  await page.goto("/terms");
  const facts = { token, username: person.username, user_id: String(id) };
  await page.evaluate(`Object.assign(sessionStorage, ${JSON.stringify(facts)})`);
}
