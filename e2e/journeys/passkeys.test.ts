import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import {
  type Look,
  openBrowser,
  refusedRequest,
  type TestBrowser,
  type Visitor,
} from "../support/browser.ts";
import { logIn } from "../support/journey.ts";
import { newPerson, type Person, type Stack, startStack } from "../support/stack.ts";
import { addAuthenticator, type VirtualAuthenticator } from "../support/virtual-authenticator.ts";

/** At the name of this machine, where browsers have passkeys. */
let stack: Stack;
let browser: TestBrowser;
beforeAll(async () => {
  const started = await startStack();
  const named = (url: string) => url.replace("127.0.0.1", "localhost");
  stack = { ...started, siteUrl: named(started.siteUrl), apiUrl: named(started.apiUrl) };
  browser = await openBrowser(stack);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const inChinese = {
  ...{
    account: "用户名、邮箱或手机号",
    password: "密码",
    submit: "登录",
    logOut: "退出登录",
    left: "你已退出登录。",
  },
  ...{
    by: "用通行密钥登录",
    add: "添加通行密钥",
    name: "名称",
    added: "通行密钥已添加。",
    also: "用密码等其他方式登录时",
  },
  ...{ hello: (name: string) => `你好，${name}`, synced: "在你的多台设备间同步", single: "只在一台设备上" },
  ...{ remove: "删除", removed: "通行密钥已删除。", rename: "改名", save: "保存", renamed: "名称已修改。" },
  ...{
    unknown: "这个通行密钥已不在任何账号中",
    stopped: "没有完成，可以再试一次或用其他方式。",
    use: "使用通行密钥",
  },
  ...{ kept: "我已保存好", address: "浏览器在这个地址不提供通行密钥" },
  ...{ username: "用户名", password2: "当前密码", newName: "修改用户名", changed: "用户名已修改。" },
};
const inEnglish: typeof inChinese = {
  ...{ account: "User name, e-mail or mobile", password: "Password", submit: "Log in", logOut: "Log out" },
  ...{ left: "You are logged out.", by: "Log in with a passkey", add: "Add a passkey", name: "Name" },
  ...{ added: "The passkey was added.", also: "Ask for a passkey after a password" },
  ...{
    hello: (name: string) => `Hello, ${name}`,
    synced: "Synced between your devices",
    single: "On one device only",
  },
  ...{ remove: "Remove", removed: "The passkey was removed.", rename: "Rename", save: "Save" },
  ...{ renamed: "The passkey was renamed.", unknown: "No account has this passkey any more" },
  ...{ stopped: "It was not finished.", use: "Use a passkey", kept: "I have kept them" },
  address: "Browsers offer no passkeys at this address",
  ...{
    username: "User name",
    password2: "Current password",
    newName: "Change user name",
    changed: "User name changed.",
  },
};

interface Owner {
  readonly person: Person;
  readonly visitor: Visitor;
  readonly page: Page;
  readonly device: VirtualAuthenticator;
}

/** Somebody new, logged in by the password, on the page of their passkeys. */
async function openOwner(look: Look, isSynced = true): Promise<Owner> {
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor(look);
  const page = await visitor.tab();
  const device = await addAuthenticator(page, { isSynced });
  // The form is what is wanted here, and not what a device offers.
  await device.touch(false);
  await page.goto("/login?next=%2Faccount%2Fpasskeys");
  const words = look.language === "en-US" ? inEnglish : inChinese;
  await page.getByLabel(words.account).fill(person.username);
  await page.getByLabel(words.password, { exact: true }).fill(person.password);
  await page.getByRole("button", { name: words.submit, exact: true }).click();
  await page.waitForURL("**/account/passkeys");
  await device.touch(true);
  // A log-in alone, however recent, adds none.
  await page.locator("[name=current_password]").fill(person.password);
  return { person, visitor, page, device };
}

async function leave(page: Page, words: typeof inChinese): Promise<void> {
  await page.getByRole("button", { name: words.logOut }).click();
  await page.getByText(words.left).waitFor();
}

describe.each([
  ["in Chinese at a desk", inChinese, { language: "zh-CN" }],
  ["in English on a phone", inEnglish, { language: "en-US", phone: true }],
] as const)("%s", (_where, words, look) => {
  it("a passkey is added, renamed, logged in by without a name, and removed", async () => {
    const { person, visitor, page, device } = await openOwner(look);
    await expectAccessible(page);
    await page.getByLabel(words.name, { exact: true }).fill("my thing");
    await page.getByLabel(words.name, { exact: true }).press("Enter");
    await page.getByText(words.added).waitFor();
    await page.getByText(words.synced).waitFor();
    await expectAccessible(page);
    expect(await device.credentials()).toHaveLength(1);
    await page.getByRole("button", { name: `${words.rename} my thing` }).press("Enter");
    await page.locator("[name=passkey_name]").fill("another name");
    await page.locator("[name=passkey_name]").press("Enter");
    await page.getByText(words.renamed).waitFor();

    // The device lists it by the account's name, and hears of a new one.
    const name = `${person.username}_new`;
    expect((await device.credentials())[0]?.userName).toBe(person.username);
    await page.goto("/account");
    const section = page.getByRole("region", { name: words.username, exact: true });
    await section.getByLabel(words.username, { exact: true }).fill(name);
    await section.getByLabel(words.password2).fill(person.password);
    await section.getByRole("button", { name: words.newName }).press("Enter");
    await page.getByText(words.changed).waitFor();
    await expect.poll(async () => (await device.credentials())[0]?.userName).toBe(name);

    // The device offers it in the field by itself, and is touched at once: no name, no button.
    await page.getByRole("button", { name: words.logOut }).press("Enter");
    await page.getByRole("heading", { name: words.hello(name) }).waitFor();

    await page.goto("/account/passkeys");
    await device.touch(false);
    await leave(page, words);
    await expectAccessible(page);
    await device.touch(true);
    await page.getByRole("button", { name: words.by }).press("Enter");
    await page.getByRole("heading", { name: words.hello(name) }).waitFor();

    await page.goto("/account/passkeys");
    await page.getByRole("button", { name: `${words.remove} another name` }).press("Enter");
    await expectAccessible(page);
    await page.getByRole("button", { name: words.remove, exact: true }).press("Enter");
    await page.getByText(words.removed).waitFor();
    const mail = await stack.mail(person.email);
    expect(mail.subject).toMatch(/通行密钥|passkey/);
    await visitor.leave();
  });
});

it("one that only one device has says so, and a stranger's finger opens nothing", async () => {
  const { visitor, page, device } = await openOwner({}, false);
  await page.getByRole("button", { name: inChinese.add }).click();
  await page.getByText(inChinese.added).waitFor();
  await page.getByText(inChinese.single).waitFor();
  await device.touch(false);
  await leave(page, inChinese);
  await device.verify(false);
  await device.touch(true);
  await page.goto("/login");
  await page.getByRole("button", { name: inChinese.by }).click();
  await page.getByText(inChinese.stopped).waitFor();
  await expectAccessible(page);
  expect(new URL(page.url()).pathname).toBe("/login");
  await visitor.leave();
});

it("one that was removed elsewhere is no way in, and another device has none", async () => {
  const { person, visitor, page, device } = await openOwner({});
  await page.getByRole("button", { name: inChinese.add }).click();
  await page.getByText(inChinese.added).waitFor();
  const { token } = JSON.parse(await page.evaluate("JSON.stringify({ token: sessionStorage.token })")) as {
    token: string;
  };
  const headers = { authorization: `JWT ${token}`, "content-type": "application/json" };
  const { passkeys } = (await (await fetch(`${stack.apiUrl}/user/passkeys/`, { headers })).json()) as {
    passkeys: { id: string }[];
  };
  const url = `${stack.apiUrl}/user/passkeys/${passkeys[0]!.id}/remove/`;
  expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(200);
  await device.touch(false);
  await leave(page, inChinese);
  // A device takes a touch for what is asked after it, so the page asks once more.
  await device.touch(true);
  await page.goto("/login");
  await page.getByText(inChinese.unknown).waitFor();

  const other = await browser.visitor();
  const second = await other.tab();
  await addAuthenticator(second);
  await second.goto("/login");
  await second.getByRole("button", { name: inChinese.by }).click();
  await second.getByText(inChinese.stopped).waitFor();
  await logIn(second, person);
  await second.getByRole("heading", { name: inChinese.hello(person.username) }).waitFor();
  await other.leave();
  await visitor.leave([refusedRequest]);
});

it("as a second factor it is asked for after the password, with recovery codes beside it", async () => {
  const { person, visitor, page, device } = await openOwner({});
  await page.getByLabel(inChinese.also).check();
  await page.getByRole("button", { name: inChinese.add }).click();
  await page.locator(".recovery-codes").waitFor();
  await expectAccessible(page);
  expect(await page.locator(".recovery-codes code").count()).toBe(10);
  await page.getByRole("button", { name: inChinese.kept }).click();
  await device.touch(false);
  await leave(page, inChinese);
  await page.goto("/login?next=%2Faccount%2Fpasskeys");
  await logIn(page, person);
  await page.waitForURL("**/second-factor");
  await expectAccessible(page);
  await device.touch(true);
  await page.getByRole("button", { name: inChinese.use }).press("Enter");
  await page.waitForURL("**/account/passkeys");

  // The last second factor goes by itself alone.
  await page.getByRole("button", { name: new RegExp(`^${inChinese.remove} `) }).click();
  await page.getByRole("button", { name: inChinese.remove, exact: true }).click();
  await page.getByText(inChinese.removed).waitFor();
  await visitor.leave([refusedRequest]);
});

it("a third party leads back to the name that it was left by, the second time as well", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  for (const _time of [1, 2]) {
    await page.goto("/login?next=%2Faccount%2Fbindings");
    await page.getByRole("button", { name: "用GitHub登录" }).click();
    await page.getByTestId("sandbox-banner").waitFor();
    await page.getByTestId("person-penguin").click();
    await page.getByTestId("allow").click();
    await page.getByRole("heading", { name: "还差一步" }).waitFor();
    expect(new URL(page.url()).origin).toBe(stack.siteUrl);
  }
  await visitor.leave();
});

it("at the machine's number the page says where they are, and offers none", async () => {
  const person = newPerson();
  await stack.signUp(person);
  const { siteUrl, apiUrl, output } = stack;
  const number = (url: string) => url.replace("localhost", "127.0.0.1");
  const numbered = await openBrowser({ ...stack, siteUrl: number(siteUrl), apiUrl: number(apiUrl) });
  const visitor = await numbered.visitor();
  const page = await visitor.tab();
  await page.goto("/login?next=%2Faccount%2Fpasskeys");
  expect(await page.getByRole("button", { name: inChinese.by }).count()).toBe(0);
  const there = page.getByRole("link", { name: `${siteUrl}/login` });
  expect(await there.getAttribute("href")).toBe(`${siteUrl}/login?next=%2Faccount%2Fpasskeys`);
  await expectAccessible(page);
  await logIn(page, person);
  await page.getByText(inChinese.address).waitFor();
  await expectAccessible(page);
  const link = page.getByRole("link", { name: `${siteUrl}/account/passkeys` });
  expect(await link.getAttribute("href")).toBe(`${siteUrl}/account/passkeys`);
  expect(output()).toContain(`passkeys  ${siteUrl}`);
  await visitor.leave();
  await numbered.close();
});
