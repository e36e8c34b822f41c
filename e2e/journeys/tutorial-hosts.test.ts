import { expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { newPerson, startStack, until } from "../support/stack.ts";

// What a line in the hosts file does, without touching the machine's.
const hostsFile = "--host-resolver-rules=MAP www.meiduo.com 127.0.0.1, MAP api.meiduo.com 127.0.0.1";

it("runs the tutorial's two host names: sign-up, its own addresses, third-party log-in with its cookie", async () => {
  const stack = await startStack({}, ["--hosts"]);
  const siteUrl = `http://www.meiduo.com:${stack.sitePort}`;
  const apiUrl = `http://api.meiduo.com:${stack.apiPort}`;
  const browser = await openBrowser({ ...stack, siteUrl, apiUrl }, [], [hostsFile]);
  try {
    // Where this machine's own hosts file lacks the names, the line to add is on the console.
    await until(
      "what the console says of the names",
      10_000,
      () =>
        /lead to this machine\. |127\.0\.0\.1 www\.meiduo\.com api\.meiduo\.com/.test(stack.output()) ||
        undefined,
    );
    expect(stack.output()).toContain(siteUrl);
    expect(stack.output()).toContain(`${apiUrl}/docs`);

    const person = newPerson();
    const visitor = await browser.visitor();
    const page = await visitor.tab();
    const asked = new Set<string>();
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    await page.goto("/register.html");
    await page.waitForURL(`${siteUrl}/register`);
    await page.getByLabel("用户名").fill(person.username);
    await page.getByLabel("邮箱", { exact: true }).fill(person.email);
    await page.getByRole("button", { name: "获取验证码" }).click();
    await page.getByLabel("邮箱验证码").fill(await stack.code(person.email));
    await page.getByLabel("密码", { exact: true }).fill(person.password);
    await page.getByLabel("再输一次密码").fill(person.password);
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "注册", exact: true }).click();
    await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
    expect([...asked].sort()).toEqual([apiUrl, siteUrl]);

    await page.getByRole("button", { name: "退出登录" }).click();
    await page.getByRole("button", { name: "用GitHub登录" }).click();
    await page.getByTestId("person-penguin").click();
    await page.getByTestId("allow").click();
    await page.waitForURL(`${siteUrl}/oauth/callback/github`);
    await page.getByRole("heading", { name: "还差一步" }).waitFor();
    // A name that is not "localhost" over plain http: the browser gives the mailbox no clipboard.
    const mailbox = await visitor.tab();
    await mailbox.goto(`${apiUrl}/sandbox/mailbox/`);
    await mailbox.getByRole("button", { name: person.email }).click();
    await mailbox
      .getByTestId("code")
      .getByText(await stack.code(person.email))
      .waitFor();
    await mailbox.getByRole("button", { name: "复制" }).click();
    await mailbox.getByRole("button", { name: "已复制" }).waitFor();
    // The API's documentation, likewise without a secure context, calls the API it is of.
    const documentation = await visitor.tab();
    await documentation.goto(`${apiUrl}/docs`);
    await documentation.getByRole("heading", { name: "Meiduo Accounts" }).waitFor();
    await documentation.getByText("Try cross-origin access").click();
    await documentation.getByRole("button", { name: "Try it out" }).click();
    await documentation.getByRole("button", { name: "Execute" }).click();
    await documentation.locator(".live-responses-table").getByText("接收OK").first().waitFor();
    const cookies = await visitor.context.cookies(apiUrl);
    const kept = cookies.map(({ name, domain, httpOnly }) => [name, domain, httpOnly]);
    // Of the device that logged in and of the third-party flow.
    expect(kept.sort()).toEqual(
      ["meiduo_device", "meiduo_oauth"].map((name) => [name, "api.meiduo.com", true]),
    );
    await visitor.leave();
  } finally {
    await browser.close();
    await stack.stop();
  }
});
