import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { prepareCaptcha } from "../support/captcha-stack.ts";

/** Every kind of captcha from the reader's side: asked for on risk, answered, refused. Turnstile's troubles: captcha.test.ts. */
const vendors = {
  hcaptcha: (host: string) => `hcaptcha+http://site-key:secret@${host}`,
  geetest: (host: string) => `geetest+http://captcha-id:secret@${host}`,
  tencent: (host: string) => `tencent+http://id:secret@${host}?app=190000000&key=appSecret123`,
  aliyun: (host: string) => `aliyun+http://id:secret@${host}?scene=scene01&prefix=prefix01`,
};

async function askFor(page: Page, mobile: string) {
  await page.goto("/login/code");
  await page.getByLabel("手机号", { exact: true }).fill(mobile);
  await page.getByRole("button", { name: "获取验证码" }).click();
}

describe.each(Object.entries(vendors))("a captcha by %s", (_name, url) => {
  const journey = prepareCaptcha(url);

  it("is refused once, answered then, and the code goes out", async () => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    await askFor(page, "13900000011");
    const frame = page.frameLocator(".captcha-frame");
    await frame.getByRole("combobox").selectOption("refused");
    await expectAccessible(page);
    await frame.getByRole("button", { name: "我不是程序" }).click();
    await page.getByText("刚才的验证没有通过").waitFor();
    await frame.getByRole("button", { name: "我不是程序" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await journey.stack.code("13900000011")).toMatch(/^\d{6}$/);
    await visitor.leave([refusedRequest]);
  });

  it("that fails says so, and one that is closed loses nothing", async () => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    await askFor(page, "13900000012");
    await page.frameLocator(".captcha-frame").getByRole("button", { name: "出错" }).click();
    await page.getByText("验证没能载入").waitFor();
    await page.getByRole("button", { name: "重试" }).click();
    await page.frameLocator(".captcha-frame").getByRole("combobox").waitFor();
    await page.getByRole("button", { name: "取消" }).click();
    await page.getByText("请先完成人机验证再试。").waitFor();
    expect(await page.getByLabel("手机号", { exact: true }).inputValue()).toBe("13900000012");
    await visitor.leave([refusedRequest]);
  });
});

describe("the site's own captcha", () => {
  const journey = prepareCaptcha(() => "altcha");

  it("is answered without a dialog", async () => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    const asked = page.waitForResponse((answer) => answer.status() === 403);
    await askFor(page, "13900000013");
    expect((await (await asked).json()).captcha.kind).toBe("altcha");
    expect(await journey.stack.code("13900000013")).toMatch(/^\d{6}$/);
    expect(await page.getByRole("dialog").count()).toBe(0);
    await visitor.leave([refusedRequest]);
  });
});
