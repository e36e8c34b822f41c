import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

/** The languages that are translations: a whole way in, in their words, and pages that hold them. */
const journey = prepareJourney();
const folder = join(import.meta.dirname, "../../node_modules/.cache/four-languages");
mkdirSync(folder, { recursive: true });

const readers = [
  {
    ...({
      locale: "zh-TW",
      tag: "zh-Hant",
      signUp: "註冊美多帳號",
      subject: "【美多商城】註冊驗證碼",
    } as const),
    ...{
      username: "使用者名稱",
      email: "電子郵件",
      send: "取得驗證碼",
      code: "電子郵件驗證碼",
      submit: "註冊",
    },
    ...{ password: "密碼", again: "再輸入一次密碼", agree: "我已閱讀並同意", hello: "您好，" },
    ...{ wrong: "帳號或密碼錯誤，無法登入。", account: "帳號設定" },
  },
  {
    ...({
      locale: "ja-JP",
      tag: "ja",
      signUp: "アカウントを作成",
      subject: "【Meiduo】新規登録の確認コード",
    } as const),
    ...{
      username: "ユーザー名",
      email: "メールアドレス",
      send: "コードを送信",
      code: "確認コード",
      submit: "登録する",
    },
    ...{
      password: "パスワード",
      again: "パスワード（確認用）",
      agree: "以下を読み、同意します",
      hello: "こんにちは、",
    },
    ...{ wrong: "入力された情報ではログインできません。", account: "アカウント設定" },
  },
];

/** Nothing is wider than the screen, and no word of a button or a label is cut off. */
async function expectNoOverflow(page: Page): Promise<void> {
  expect(
    await page.evaluate(`({
      wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
      cut: [...document.querySelectorAll("button, label, a, h1, h2, select, legend")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === "hidden")
        .map((one) => one.textContent),
    })`),
  ).toEqual({ wide: 0, cut: [] });
}

it.each(readers)(
  "a reader of $tag signs up, is told what is wrong, and sees every page",
  async (words) => {
    const { stack, browser } = journey;
    for (const phone of [true, false]) {
      const visitor = await browser.visitor({ language: words.locale, phone });
      const page = await visitor.tab();
      const texts: string[] = [];
      page.on("request", (request) => {
        const path = new URL(request.url()).pathname;
        if (path.startsWith("/texts/")) texts.push(path);
      });
      const keep = async (name: string) => {
        await expectNoOverflow(page);
        const path = join(folder, `${name}.${words.tag}.${phone ? "phone" : "desktop"}.png`);
        await page.screenshot({ path, fullPage: true });
      };
      await page.goto("/register");
      await page.getByRole("heading", { name: words.signUp }).waitFor();
      expect(await page.getAttribute("html", "lang")).toBe(words.tag);
      // One language is loaded, once: the page asks for it before its scripts do.
      expect(texts).toEqual([expect.stringMatching(`^/texts/${words.tag}\\.`)]);
      await expectAccessible(page);
      await keep("register");

      const person = newPerson();
      await page.getByLabel(words.username, { exact: true }).fill(person.username);
      await page.getByLabel(words.email, { exact: true }).fill(person.email);
      await page.getByRole("button", { name: words.send }).click();
      const mail = await stack.mail(person.email);
      expect(mail.subject).toBe(words.subject);
      await page.getByLabel(words.code, { exact: true }).fill(mail.code!);
      await page.getByLabel(words.password, { exact: true }).fill(person.password);
      await page.getByLabel(words.again, { exact: true }).fill(person.password);
      await page.getByLabel(words.agree).check();
      await page.getByRole("button", { name: words.submit, exact: true }).click();
      await page.getByRole("heading", { name: words.hello + person.username }).waitFor();
      await keep("home");

      for (const part of ["profile", "contact", "password", "devices", "bindings"]) {
        await page.goto(`/account/${part}`);
        await page.locator("h2").first().waitFor();
        await keep(`account-${part}`);
      }
      await page.goto("/");
      await page.evaluate("localStorage.clear(), sessionStorage.clear()");
      for (const path of ["forgot-password", "terms", "no-such-page", "login"]) {
        await page.goto(`/${path}`);
        await page.locator("h1").waitFor();
        await keep(path);
      }
      await page.locator("[name=username]").fill(person.username);
      await page.locator("[name=password]").fill("not the password");
      await page.locator("[type=submit]").click();
      await page.getByRole("alert").getByText(words.wrong).waitFor();
      await keep("login-refused");
      await page.locator(".language select").selectOption("简体中文");
      await page.getByRole("heading", { name: "欢迎回来" }).waitFor();
      await visitor.leave([/status of 4\d\d/]);
    }
  },
  180_000,
);
