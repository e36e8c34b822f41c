import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { type Look, refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson, type Person } from "../support/stack.ts";

/** Somebody without phone and recovery codes: asks, changes their mind by the mail, asks again, waits, comes back. */
const journey = prepareJourney();
const day = 86_400_000;
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "screenshots");
mkdirSync(folder, { recursive: true });

const zh = {
  ...{ lost: "恢复码也没有了", ask: "申请关闭两步验证", asked: /^已申请。从 /, how: /^申请后要等 24 小时/ },
  ...{ cancel: "取消申请", cancelled: /^申请已取消/, back: "返回输入验证码" },
  ...{ ripe: /^等待已经结束/, finish: "关闭两步验证", sure: /^关闭后，登录只需要第一步/ },
  ...{
    keep: "不关闭",
    confirm: "确认关闭",
    done: /^两步验证已关闭，所有登录都已失效/,
    logIn: "去登录",
    hello: "你好，",
  },
  ...{ subject: "有人申请关闭您的两步验证" },
};
const en: typeof zh = {
  ...{ lost: "No recovery code either", ask: "Ask for its removal", asked: /^You have asked\. From / },
  ...{ how: /^Then there is a wait of 24 h/, cancel: "Cancel the request", cancelled: /^It is cancelled/ },
  ...{ back: "Back to the code", ripe: /^The wait is over/, finish: "Remove the second factor" },
  ...{ sure: /^A log-in then takes the first step alone/, keep: "Keep it", confirm: "Remove it now" },
  ...{ done: /^The second factor is removed/, logIn: "Log in", hello: "Hello, " },
  ...{ subject: "Somebody asked to remove your second factor" },
};
const looks: readonly (Look & { readonly words: typeof zh })[] = [
  { language: "zh-CN", words: zh },
  { language: "zh-CN", words: zh, phone: true, theme: "dark" },
  { language: "en-US", words: en, theme: "dark" },
  { language: "en-US", words: en, phone: true },
];

/** By calls, as this journey is about what comes later. */
async function personWithFactor(): Promise<Person & { readonly id: number }> {
  const { stack } = journey;
  const person = newPerson();
  const { token, id } = await stack.signUp(person);
  const post = async (path: string, body: object) => {
    const headers = { authorization: `JWT ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${stack.apiUrl}/user/second-factor/${path}`, {
      ...{ method: "POST", headers, body: JSON.stringify(body) },
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { secret: string };
  };
  const { secret } = await post("", { current_password: person.password });
  await post("confirm/", { code: appCode(secret, Date.now()) });
  return { ...person, id };
}

/** As if a day had gone by since: everything of the account that has a time here was a day earlier. */
function dayLater(id: number): void {
  const db = new DatabaseSync(join(journey.stack.dataDir, "meiduo.sqlite3"), { timeout: 10_000 });
  try {
    for (const statement of [
      `UPDATE lost_factors SET asked_at = asked_at - ${day}, ripe_at = ripe_at - ${day}, lapses_at = lapses_at - ${day} WHERE user_id = ?`,
      `UPDATE sessions SET last_seen_at = last_seen_at - ${day} WHERE user_id = ?`,
      `UPDATE users SET second_factor_at = second_factor_at - ${day} WHERE id = ?`,
    ]) {
      db.prepare(statement).run(id);
    }
  } finally {
    db.close();
  }
}

/** Up to the page that waits for the code, and on to the one for those who have none, by keyboard alone. */
async function toLostPage(page: Page, { username, password }: Person, lost: string): Promise<void> {
  await page.goto("/login?next=%2F");
  await page.locator("[name=username]").fill(username);
  await page.locator("[name=password]").fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/second-factor");
  const link = page.getByRole("link", { name: lost });
  await link.waitFor();
  await expectAccessible(page);
  await link.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/second-factor/lost");
}

const inFocus = (page: Page) => page.evaluate("document.activeElement.tagName");

// A long way, for a busy machine.
const limit = { timeout: 300_000 };
it.each(looks)("a lost second factor, $language phone=$phone", limit, async ({ words, ...look }) => {
  const { stack, browser } = journey;
  const person = await personWithFactor();
  const visitor = await browser.visitor(look);
  const page = await visitor.tab();
  const name = `${look.language}-${look.phone ? "phone" : "desktop"}`;
  const keep = (state: string, shown = page) =>
    shown.screenshot({ path: join(folder, `lost-factor-${state}-${name}.png`), fullPage: true });
  const press = async (button: string) => {
    await page.getByRole("button", { name: button, exact: true }).focus();
    await page.keyboard.press("Enter");
  };

  await toLostPage(page, person, words.lost);
  await page.getByText(words.how).waitFor();
  await expectAccessible(page);
  await keep("how");
  await press(words.ask);
  await page.getByText(words.asked).waitFor();
  expect(await inFocus(page)).toBe("H1");
  await expectAccessible(page);
  await keep("asked");
  // A reload loses nothing.
  await page.reload();
  await page.getByText(words.asked).waitFor();

  const mail = await stack.mail(person.email);
  expect(mail.subject).toContain(words.subject);
  const path = /\/lost-factor#\S+/.exec(mail.text)![0];
  const reader = await browser.visitor(look);
  const other = await reader.tab();
  await other.goto(path);
  await other.getByRole("button", { name: words.cancel }).waitFor();
  await expectAccessible(other);
  await keep("cancel", other);
  await page.reload();
  await page.getByText(words.asked).waitFor();
  await other.getByRole("button", { name: words.cancel }).focus();
  await other.keyboard.press("Enter");
  await other.getByText(words.cancelled).waitFor();
  await expectAccessible(other);
  await keep("cancelled", other);
  await reader.leave();

  await page.reload();
  await press(words.ask);
  await page.getByText(words.asked).waitFor();
  dayLater(person.id);
  await toLostPage(page, person, words.lost);
  await page.getByText(words.ripe).waitFor();
  await expectAccessible(page);
  await keep("ripe");
  await press(words.finish);
  await page.getByText(words.sure).waitFor();
  await expectAccessible(page);
  await keep("sure");
  await press(words.keep);
  await page.getByText(words.ripe).waitFor();
  await press(words.finish);
  await press(words.confirm);
  await page.getByText(words.done).waitFor();
  await expectAccessible(page);
  await keep("done");
  await page.getByRole("link", { name: words.logIn, exact: true }).click();
  await page.waitForURL("**/login");
  await page.locator("[name=username]").fill(person.username);
  await page.locator("[name=password]").fill(person.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `${words.hello}${person.username}` }).waitFor();
  await visitor.leave([refusedRequest]);
});
