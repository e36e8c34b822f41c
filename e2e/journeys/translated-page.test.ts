import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();

/**
 * Translates as Chrome does, for as long as the page lives: every text node is taken out, and `<font><font>` with other
 * words stands in its place; what changes is translated again. As text: no types of a page here.
 */
const translate = `{
  const translateAll = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      if (!text.data.trim() || text.parentElement.closest('font, [translate="no"]')) continue;
      const outer = document.createElement("font");
      const inner = document.createElement("font");
      inner.textContent = "«" + text.data + "»";
      outer.append(inner);
      text.replaceWith(outer);
    }
  };
  translateAll();
  new MutationObserver(translateAll).observe(document.body, { childList: true, characterData: true, subtree: true });
}`;

/** The words under the field, as the reader sees them. */
const noteOf = async (page: Page, name: string) => {
  const ids = await page.locator(`input[name=${name}]`).getAttribute("aria-describedby");
  return page.locator(`[id="${ids?.split(" ")[0]}"]`);
};

it("a page that is translated all the while signs up: errors come and go, the countdown counts, nothing breaks", async () => {
  const person = newPerson();
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await page.locator("form button[type=submit]").waitFor();
  await page.evaluate(translate);
  const submit = page.locator("form button[type=submit]");
  await submit.click();
  for (const [name, wrong, words, right] of [
    ["username", "ab", "用户名需要 5–20 个字符。", person.username],
    ["email", "nobody@", "这不像一个邮箱地址，例如 name@example.com。", person.email],
    ["email_code", "12", "验证码是 6 位字母或数字。", "000000"],
    ["password", "short", "密码至少 8 个字符。", person.password],
    ["password2", "other", "两次输入的密码不一样。", person.password],
  ] as const) {
    const note = await noteOf(page, name);
    await expect.poll(() => note.textContent()).toBe("«请填写这一项。»");
    await page.locator(`input[name=${name}]`).fill(wrong);
    await page.locator(`input[name=${name}]`).blur();
    await expect.poll(() => note.textContent()).toBe(`«${words}»`);
    await page.locator(`input[name=${name}]`).fill(right);
    await expect.poll(() => note.textContent()).toBe("");
  }
  await page.getByRole("checkbox").check();
  await expect.poll(() => page.locator("#allow-trouble").textContent()).toBe("");

  const send = page.locator(".field-button[aria-disabled]");
  await send.click();
  await expect.poll(() => send.textContent()).toMatch(/^\s*«\s*[56]\d 秒后重发\s*»\s*$/);
  await page.getByText(`«验证码已发往 ${person.email}`).waitFor();
  await submit.click();
  await page.getByRole("alert").getByText("«邮箱验证码错误").waitFor();
  await page.locator("input[name=email_code]").fill(await journey.stack.code(person.email));
  await page.locator("input[name=password2]").fill("");
  await submit.click();
  // Nothing is sent: what the server said last is no longer true, and the field's own words stand there.
  await expect.poll(async () => (await noteOf(page, "password2")).textContent()).toBe("«请填写这一项。»");
  expect(await page.getByText("邮箱验证码错误").count()).toBe(0);
  await page.locator("input[name=password2]").fill(person.password);

  await page.locator(".site-controls select").selectOption("en");
  await expect.poll(() => submit.textContent()).toMatch(/^«[A-Z][a-z ]+»$/);
  await submit.click();
  await page.getByRole("heading", { name: `Hello, ${person.username}` }).waitFor();
  await page.locator("main a[href='/account']").click();
  await page.locator("main form").first().waitFor();
  await page.locator("a[href='/account/contact']").click();
  await page.locator("input[name=mobile]").waitFor();
  await visitor.leave([refusedRequest]);
});
