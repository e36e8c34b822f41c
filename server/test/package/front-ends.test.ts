import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWithClient, lendPackages, packClient } from "../../../client/test/support/packed-client.ts";
import { findChromium } from "../../../scripts/find-chromium.mjs";
import { type EmptyFolder, emptyFolder } from "../support/empty-folder.ts";
import { freePort } from "../support/free-port.ts";
import { describeWhere, notTested } from "../support/not-tested.ts";
import { codeInMailbox } from "../support/visitors.ts";

/**
 * The front ends of examples/, each in an empty folder with an empty home: installed with the client's tarball, checked,
 * built, served, and used in Chromium by somebody who signs up, logs out, logs in, and logs out in another tab.
 */
const root = resolve(import.meta.dirname, "../../..");
const examples = join(root, "examples");
const pictures = join(root, "e2e/screenshots");
const executablePath = findChromium();
const password = "three quiet lanterns";

const inChinese = {
  ...{ signUp: "注册", logIn: "登录", logOut: "退出登录", sendCode: "获取验证码", password: "密码" },
  ...{ username: "用户名", email: "邮箱", code: "邮箱验证码", agree: "我同意用户协议", remember: "记住我" },
  ...{ name: "用户名、邮箱或手机号", profile: "个人资料" },
};
const inEnglish: typeof inChinese = {
  ...{ signUp: "Sign up", logIn: "Log in", logOut: "Log out", sendCode: "Send code", password: "Password" },
  ...{ username: "User name", email: "Email", code: "Code from the mail", agree: "I agree to the terms" },
  ...{ name: "User name, email or mobile number", profile: "Your profile", remember: "Remember me" },
};

let tarball: string;
beforeAll(() => {
  tarball = packClient();
});
afterAll(() => rmSync(dirname(tarball), { recursive: true, force: true }));

if (executablePath === null) notTested("Chromium, for the front ends of examples/");

describeWhere(executablePath !== null)("a front end with the packed client", () => {
  let browser: Browser;
  let apiUrl: string;
  const folders: EmptyFolder[] = [];
  beforeAll(async () => {
    const [port, sitePort, sandboxPort] = [await freePort(), await freePort(), await freePort()];
    apiUrl = `http://127.0.0.1:${port}`;
    const accounts = emptyFolder();
    folders.push(accounts);
    await accounts.start(`node ${join(root, "server/src/main.ts")} start`, "is ready", {
      ...{ API_PORT: String(port), WEB_PORT: String(sitePort), SANDBOX_PORT: String(sandboxPort) },
      ...{ DATA_DIR: accounts.path, LOG_LEVEL: "warn" },
    });
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--headless", "--no-sandbox"],
    });
    mkdirSync(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    for (const folder of folders) await folder.remove();
  });

  /** Installed, checked, built and served as its package.json says. */
  async function serve(example: string): Promise<string> {
    const folder = emptyFolder({ filledFrom: join(examples, example) });
    folders.push(folder);
    await folder.install(tarball);
    const made = await folder.run("npm run typecheck && npm run build", { VITE_API_URL: apiUrl });
    expect(made.code, made.output).toBe(0);
    const port = await freePort();
    await folder.start(
      `node_modules/.bin/vite preview --port ${port} --strictPort --host 127.0.0.1`,
      String(port),
    );
    return `http://127.0.0.1:${port}`;
  }

  async function signUp(page: Page, words: typeof inChinese, username: string) {
    const email = `${username}@example.com`;
    await page.getByLabel(words.username, { exact: true }).fill(username);
    await page.getByLabel(words.email, { exact: true }).fill(email);
    await page.getByRole("button", { name: words.sendCode }).click();
    await page.getByRole("status").waitFor();
    await page.getByLabel(words.code).fill(await codeInMailbox(apiUrl, email));
    await page.getByLabel(words.password, { exact: true }).fill(password);
    await page.getByLabel(words.agree).check();
    await page.getByRole("button", { name: words.signUp, exact: true }).click();
    await page.getByRole("definition").filter({ hasText: email }).waitFor();
  }

  it.each([
    ["vue", inChinese, "/login?next=/profile"],
    ["react", inEnglish, "/"],
  ] as const)(
    "%s: signs somebody up, logs them in, shows the profile, logs out in every tab",
    async (example, words, loggedOut) => {
      const url = await serve(example);
      const context = await browser.newContext({ baseURL: url, viewport: { width: 800, height: 700 } });
      context.setDefaultTimeout(20_000);
      const troubles: string[] = [];
      context.on("weberror", (error) => troubles.push(String(error.error())));
      const page = await context.newPage();
      await page.goto("/");
      const way = page.getByRole(example === "vue" ? "link" : "button", { name: words.signUp });
      await way.first().click();
      await page.screenshot({ path: join(pictures, `example-${example}-sign-up.png`) });
      await signUp(page, words, `${example}_reader`);
      expect(await page.getByRole("heading").textContent()).toBe(words.profile);
      await page.screenshot({ path: join(pictures, `example-${example}-profile.png`) });

      await page.getByRole("button", { name: words.logOut }).click();
      await page.getByLabel(words.name).fill(`${example}_reader`);
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(loggedOut);
      await page.getByLabel(words.password, { exact: true }).fill("not the password");
      await page.getByLabel(words.remember).check();
      await page.getByRole("button", { name: words.logIn, exact: true }).click();
      await page.getByRole("alert").waitFor();
      await page.screenshot({ path: join(pictures, `example-${example}-refused.png`) });
      await page.getByLabel(words.password, { exact: true }).fill(password);
      await page.getByRole("button", { name: words.logIn, exact: true }).click();
      await page.getByRole("heading", { name: words.profile }).waitFor();

      const other = await context.newPage();
      await other.goto(example === "vue" ? "/profile" : "/");
      await other.getByRole("heading", { name: words.profile }).waitFor();
      await other.getByRole("button", { name: words.logOut }).click();
      await page.getByLabel(words.name).waitFor();
      expect(troubles).toEqual([]);
      await context.close();
    },
  );
});

describe("the uni-app example", () => {
  it("fits uni-app's types, with the packed client", () => {
    const folder = folderWithClient(tarball);
    lendPackages(folder, ["vue", "typescript", "@dcloudio/types"]);
    for (const name of ["src", "tsconfig.json"]) {
      cpSync(join(examples, "uni-app", name), join(folder, name), { recursive: true });
    }
    expect(readdirSync(join(folder, "src/pages"))).toHaveLength(3);
    const vueTsc = join(root, "node_modules/vue-tsc/bin/vue-tsc.js");
    const { stdout } = spawnSync(process.execPath, [vueTsc, "--noEmit"], { cwd: folder, encoding: "utf8" });
    expect(stdout).toBe("");
    rmSync(folder, { recursive: true, force: true });
  });
});
