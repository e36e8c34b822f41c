/** The product for a classic front end, its pages (classic-pages.ts), and what most of its journeys begin with. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { openBrowser, type TestBrowser } from "./browser.ts";
import {
  type ClassicPages,
  call,
  classicApi,
  classicSite,
  draw,
  openClassicPages,
  strangeSite,
} from "./classic-pages.ts";
import { type Stack, startStack } from "./stack.ts";

/** What every picture shows. */
export const pictureText = "ABCD";
export const password = "12345678aA";

interface Nobody {
  readonly username: string;
  readonly mobile: string;
}
interface Someone extends Nobody {
  readonly id: number;
  readonly token: string;
}

let people = 0;

export const newPerson = (): Nobody => ({
  username: `classic_${++people}`,
  mobile: `1390000${1000 + people}`,
});

/** As if the vendor's minute were over: the next SMS to a number would else wait for it. */
export function endMinutes(stack: Stack): void {
  const database = new DatabaseSync(join(stack.dataDir, "meiduo.sqlite3"));
  database.exec("pragma busy_timeout = 10000; delete from kv_entries where entry_key like '%:smssends'");
  database.close();
}

/** On the pages of who is logged in: what each of them asks for first. */
export async function enter(page: Page, name: string, token: string) {
  await page.goto(`/${name}.html`);
  const own = await call(page, "GET", "/user/", undefined, token);
  expect(own.status).toBe(200);
  return own.body;
}

/** Starts all of it for the file's tests, and ends it after them. */
export function prepareClassicJourney() {
  let pages: ClassicPages;
  let stack: Stack;
  let browser: TestBrowser;
  beforeAll(async () => {
    pages = await openClassicPages();
    stack = await startStack({
      ...{ CONTRACT: "classic", SANDBOX_CAPTCHA_TEXT: pictureText, SEND_CODE_INTERVAL: "1" },
      ...{ PUBLIC_SITE_URL: classicSite, PUBLIC_API_URL: classicApi },
      QQ_REDIRECT_URI: `${classicSite}/oauth_callback.html`,
      WEIBO_REDIRECT_URI: `${classicSite}/sina_callback.html`,
    });
    const { sandboxUrl } = stack;
    browser = await openBrowser(
      { siteUrl: classicSite, apiUrl: classicApi, sandboxUrl },
      [strangeSite],
      [pages.hosts(stack.apiPort)],
    );
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await pages?.close();
  });

  /** Draws, types what is shown and asks for a code; the code. */
  async function codeTo(page: Page, mobile: string): Promise<string> {
    const { id, width } = await draw(page);
    expect(width).toBe(120);
    const sent = await call(page, "GET", `/sms_codes/${mobile}/?text=${pictureText}&image_code_id=${id}`);
    expect(sent).toEqual({ status: 200, body: { message: "OK" } });
    return stack.code(mobile);
  }

  async function register(page: Page): Promise<Someone> {
    const person = newPerson();
    const { username, mobile } = person;
    await page.goto("/register.html");
    const names = await call(page, "GET", `/usernames/${username}/count/`);
    expect(names.body).toMatchObject({ count: 0 });
    const count = await call(page, "GET", `/mobiles/${mobile}/count/`);
    expect(count.body).toEqual({ mobile, count: 0 });
    const sms_code = await codeTo(page, mobile);
    const form = { username, password, password2: password, mobile, sms_code, allow: "true" };
    const made = await call<{ id: number; user_id: number; token: string }>(page, "POST", "/users/", form);
    expect(made).toMatchObject({ status: 201, body: { username, mobile, user_id: made.body.id } });
    return { ...person, id: made.body.id, token: made.body.token };
  }

  /** In a browser that asks for English. */
  async function openPage() {
    const visitor = await browser.visitor({ language: "en-US" });
    return { visitor, page: await visitor.tab() };
  }

  return {
    codeTo,
    register,
    openPage,
    get stack() {
      return stack;
    },
  };
}
