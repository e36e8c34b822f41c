import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { prepareJourney } from "../support/journey.ts";

const journey = prepareJourney();

it("speaks the browser's language, switches in place and remembers it", async () => {
  const visitor = await journey.browser.visitor({ language: "en-US" });
  const page = await visitor.tab();
  await page.goto("/register");
  await page.getByRole("heading", { name: "Create your account" }).waitFor();
  expect(await page.getAttribute("html", "lang")).toBe("en");
  expect(await page.title()).toBe("Create your account · Meiduo Account");

  await page.getByLabel("User name").fill("abc");
  await page.getByLabel("E-mail", { exact: true }).click();
  await page.getByText("A user name has 5–20 characters.").waitFor();
  await page.getByLabel("Language").selectOption("简体中文");
  await page.getByRole("heading", { name: "注册美多账号" }).waitFor();
  await page.getByText("用户名需要 5–20 个字符。").waitFor();
  expect(await page.getByLabel("用户名").inputValue()).toBe("abc");
  expect(await page.getAttribute("html", "lang")).toBe("zh-Hans");
  expect(await page.title()).toBe("注册美多账号 · 美多账号");

  await page.reload();
  await page.getByRole("heading", { name: "注册美多账号" }).waitFor();
  await visitor.leave();
});

it("follows the system's theme until the reader chooses one, which no reload flashes away", async () => {
  const visitor = await journey.browser.visitor({ theme: "dark" });
  const page = await visitor.tab();
  await page.goto("/login");
  const paper = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
  const night = await paper();
  await expectAccessible(page);
  await page.getByRole("button", { name: "主题：跟随系统" }).click();
  await page.getByRole("button", { name: "主题：浅色" }).waitFor();
  // The colour follows the button by a frame or a transition.
  await expect.poll(paper).not.toBe(night);
  await expectAccessible(page);

  await page.goto("/login", { waitUntil: "commit" });
  await page.waitForSelector("body");
  expect(await page.getAttribute("html", "data-theme")).toBe("light");
  await page.getByRole("button", { name: "主题：浅色" }).click();
  await expect.poll(paper).toBe(night);
  await visitor.leave();
});
