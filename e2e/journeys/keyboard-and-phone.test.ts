import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();

/** Presses Tab until the named thing has the focus; fails after a whole round. */
async function tabTo(page: Page, name: string): Promise<void> {
  const script = `(() => {
    const at = document.activeElement;
    return at.getAttribute("aria-label") || at.labels?.[0]?.textContent?.trim() || at.textContent?.trim() || "";
  })()`;
  const passed: unknown[] = [];
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press("Tab");
    const focused = String(await page.evaluate(script));
    if (focused.startsWith(name)) return;
    passed.push(focused);
  }
  throw new Error(`Tab never reached "${name}", only ${passed.join(" > ")}`);
}

/** With letters as they come, and twice as large (WCAG 1.4.4). */
async function expectNothingSideways(page: Page, where: string): Promise<void> {
  for (const size of ["200%", ""]) {
    await page.evaluate(`document.documentElement.style.fontSize = "${size}"`);
    await expectFit(page, `${where} ${size}`);
  }
}

async function expectFit(page: Page, where: string): Promise<void> {
  const [content, screen] = (await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  )) as [number, number];
  expect(content, where).toBeLessThanOrEqual(screen);
  // A card can run over inside a page that does not.
  const cut = await page.evaluate(
    `[...document.querySelectorAll(".card input, .card button, .card a")]
      .filter((e) => e.getBoundingClientRect().right > e.closest(".card").getBoundingClientRect().right - 8)
      .map((e) => e.outerHTML)`,
  );
  expect(cut, where).toEqual([]);
}

it("signs up, logs out and in again without a mouse", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  const type = (text: string) => page.keyboard.insertText(text);
  await page.goto("/login");
  await page.getByRole("heading", { name: "欢迎回来" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("跳到主要内容");
  await tabTo(page, "注册一个");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/register");
  expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");

  await tabTo(page, "用户名");
  await type(person.username);
  await tabTo(page, "邮箱");
  await type(person.email);
  await tabTo(page, "获取验证码");
  await page.keyboard.press("Space");
  await page.getByText(`验证码已发往 ${person.email}`).waitFor();
  expect(await page.evaluate("document.activeElement.name")).toBe("email_code");
  await type(await stack.code(person.email));
  await tabTo(page, "密码");
  await type(person.password);
  await tabTo(page, "显示密码");
  await page.keyboard.press("Enter");
  expect(await page.locator("[name=password]").getAttribute("type")).toBe("text");
  await tabTo(page, "再输一次密码");
  await type(person.password);
  await tabTo(page, "我已阅读并同意");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();

  await tabTo(page, "退出登录");
  await page.keyboard.press("Enter");
  await page.getByText("你已退出登录。").waitFor();
  await tabTo(page, "用户名、邮箱或手机号");
  await type(person.email);
  await tabTo(page, "密码");
  await type(person.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await visitor.leave();
});

it("fits a phone: nothing to scroll sideways, targets big enough, the whole way by touch", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor({ phone: true, language: "en-US" });
  const page = await visitor.tab();
  for (const path of ["/login", "/register", "/forgot-password", "/", "/terms", "/no-such-page"]) {
    await page.goto(path);
    await page.locator("h1").waitFor();
    await expectNothingSideways(page, path);
    await expectAccessible(page);
    // WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, but for links inside a sentence.
    const small = await page.evaluate(
      `[...document.querySelectorAll("button, input")].filter((e) => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).map((e) => e.outerHTML)`,
    );
    expect(small, path).toEqual([]);
  }
  await page.goto("/login");
  await page.getByLabel("User name, e-mail or mobile").tap();
  await page.keyboard.type(person.email);
  await page.getByLabel("Password", { exact: true }).tap();
  await page.keyboard.type(person.password);
  await page.getByRole("button", { name: "Log in", exact: true }).tap();
  await page.getByRole("heading", { name: `Hello, ${person.username}` }).waitFor();
  for (const section of ["Profile", "E-mail and mobile", "Password", "Connected log-ins"]) {
    await page.goto("/account");
    await page.getByRole("link", { name: section }).tap();
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await expectNothingSideways(page, section);
  }
  await visitor.leave([refusedRequest]);
}, 120_000);

it("has axe judge the size of targets, which it leaves out by default", async () => {
  const page = await (await journey.browser.visitor()).tab();
  const crowded = "<button>a</button><button>b</button>";
  await page.setContent(`<!doctype html><html lang="en"><title>a</title><main><h1>a</h1>${crowded}</main>
    <style>button { width: 12px; height: 12px; padding: 0; float: left }</style></html>`);
  const found = await expectAccessible(page).catch((error: unknown) => error);
  expect(found).toMatchObject({ actual: [expect.stringContaining("target-size")] });
});

it.each(["", "<button></button>"])("has axe look into frames: '%s'", async (inside) => {
  const page = await (await journey.browser.visitor()).tab();
  await page.setContent(`<!doctype html><html lang="en"><title>a</title><main><h1>a</h1>
    <iframe title="b" srcdoc="<!doctype html><html lang=en><title>b</title><p>b</p>${inside}</html>"></iframe></main></html>`);
  const found = await expectAccessible(page).catch((error: unknown) => error);
  if (inside === "") expect(found).toBeUndefined();
  else expect(found).toMatchObject({ actual: [expect.stringContaining("button-name")] });
});
