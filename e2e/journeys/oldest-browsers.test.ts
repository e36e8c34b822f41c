import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { youngerApis } from "../../web/served-browsers.ts";
import { expectAccessible } from "../support/accessibility.ts";
import type { Look } from "../support/browser.ts";
import { askForCode, logIn, prepareJourney } from "../support/journey.ts";
import { newPerson, type Person } from "../support/stack.ts";

const journey = prepareJourney({ SEND_CODE_INTERVAL: "1" });
const paths = youngerApis.map(({ path }) => path);

/** What the oldest browsers lack and is here, with its owner. As text: no types of a page here. */
const youngerHere = `${JSON.stringify(paths)}.flatMap((path) => {
  const names = path.split(".");
  const name = names.pop();
  const owner = names.reduce((place, step) => place?.[step], globalThis);
  return owner && name in owner ? [{ path, owner, name }] : [];
})`;

/** Before anything of the page runs. */
const removeYounger = `for (const { owner, name } of ${youngerHere}) delete owner[name];`;

/** The paths that could not be taken away, or have come back. */
const stillThere = `${youngerHere}.map(({ path }) => path)`;

async function openOldest(look?: Look) {
  const visitor = await journey.browser.visitor(look);
  await visitor.context.addInitScript(removeYounger);
  const page = await visitor.tab();
  return {
    page,
    async leave(expected: readonly RegExp[] = []) {
      expect(await page.evaluate(stillThere), "what was taken away and is there").toEqual([]);
      expect(await page.locator("#older").count()).toBe(0);
      // Nothing in the console, neither of a missing function nor of a policy.
      await visitor.leave(expected);
    },
  };
}

async function comeFromGitHub(page: Page, person: string): Promise<void> {
  await page.goto("/login?next=%2Faccount%2Fbindings");
  await page.getByRole("button", { name: "用GitHub登录" }).click();
  await page.getByTestId(`person-${person}`).click();
  await page.getByTestId("allow").click();
  await page.getByRole("heading", { name: "还差一步" }).waitFor();
  // The picture's address is read where URL.canParse was.
  await page.locator(".person .person-picture").waitFor();
}

const greeting = (page: Page, { username }: Person) =>
  page.getByRole("heading", { name: `你好，${username}` });

describe("a browser with nothing younger than Chrome 87 and Safari 14", () => {
  it("signs up, logs in, looks at every part of the account, and changes it", async () => {
    const person = newPerson();
    const { page, leave } = await openOldest();
    await page.goto("/register");
    await page.getByLabel("用户名").fill(person.username);
    await page.getByLabel("邮箱", { exact: true }).fill(person.email);
    await page.getByLabel("邮箱验证码").fill(await askForCode(journey.stack, page, person.email, 0));
    await page.getByLabel("密码", { exact: true }).fill(person.password);
    await page.getByLabel("再输一次密码").fill(person.password);
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "注册", exact: true }).click();
    await greeting(page, person).waitFor();
    await page.getByRole("button", { name: "退出登录" }).click();
    await logIn(page, person);
    await greeting(page, person).waitFor();
    for (const [section, words] of [
      ["contact", "邮箱和手机"],
      ["password", "密码"],
      ["bindings", "第三方登录"],
    ] as const) {
      await page.goto(`/account/${section}`);
      await page.getByRole("link", { name: words }).first().waitFor();
      await page.locator(".card h2").first().waitFor();
    }
    await page.goto("/account");
    await page.getByLabel("姓", { exact: true }).fill("李");
    await page.getByRole("button", { name: "保存" }).click();
    await page.locator(".notice[role=status]").waitFor();
    await leave();
  });

  it("makes an account of a first third-party log-in, on a phone", async () => {
    const { username } = newPerson();
    const { page, leave } = await openOldest({ phone: true });
    await comeFromGitHub(page, "penguin");
    await page.getByLabel("新建账号").check();
    await page.getByLabel("用户名").fill(username);
    await page.getByRole("button", { name: "新建并登录" }).click();
    await page.getByText("已绑定：飞翔的企鹅").waitFor();
    await leave();
  });

  it("binds one to an account, whose password it has reset before", async () => {
    const person = newPerson();
    const { stack } = journey;
    await stack.signUp(person);
    const welcome = await stack.mail(person.email);
    const { page, leave } = await openOldest();
    await page.goto("/forgot-password");
    await page.getByLabel("邮箱", { exact: true }).fill(person.email);
    await page.getByLabel("邮箱验证码").fill(await askForCode(stack, page, person.email, welcome.id));
    await page.getByLabel("新密码", { exact: true }).fill("five loud kettles");
    await page.getByLabel("再输一次密码").fill("five loud kettles");
    await page.getByRole("button", { name: "设置新密码" }).click();
    await page.getByText("密码已更新，请用新密码登录").waitFor();
    const reset = await stack.mail(person.email);
    await comeFromGitHub(page, "emoji");
    await page.getByLabel("邮箱", { exact: true }).fill(person.email);
    await page.getByLabel("邮箱验证码").fill(await askForCode(stack, page, person.email, reset.id));
    await page.getByLabel("密码", { exact: true }).fill("five loud kettles");
    await page.getByRole("button", { name: "绑定并登录" }).click();
    await page.waitForURL("**/account/bindings");
    await page.getByText(/已绑定：/).waitFor();
    // A quick machine asks for the second code before the server gives one.
    await leave([/status of 400/]);
  });
});

describe("an older browser", () => {
  /** What it makes of the page, and what it says of that in its console. */
  const ways: readonly [string, (page: Page) => Promise<unknown>, RegExp[]][] = [
    [
      "that can't read the syntax",
      (page) =>
        page.route("**/assets/vendor-*.js", (route) =>
          route.fulfill({ contentType: "text/javascript", body: "export const x = a ??? b;" }),
        ),
      [/SyntaxError/],
    ],
    [
      "that lacks what the site can't do without",
      (page) => page.addInitScript("delete globalThis.Proxy"),
      [/ReferenceError: Proxy/],
    ],
    [
      "that knows no modules",
      async (page) => {
        await page.addInitScript("delete HTMLScriptElement.prototype.noModule");
        await page.route("**/login", async (route) => {
          const answer = await route.fetch();
          const body = (await answer.text()).replaceAll('type="module"', 'type="of another time"');
          await route.fulfill({ response: answer, body });
        });
      },
      [],
    ],
    [
      "or one that a file of the site did not reach",
      (page) => page.route("**/assets/site-*.js", (route) => route.abort()),
      [/net::ERR_FAILED/],
    ],
  ];

  it.each(ways)("%s is told which are served, in both languages", async (_name, hinder, expected) => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    await hinder(page);
    await page.goto("/login");
    const words = page.locator("#older");
    await words.getByText(/它需要 Chrome 87.*Safari 14/).waitFor();
    await words.getByText(/It needs Chrome 87.*Please update the browser/).waitFor();
    await expectAccessible(page);
    // Of the configuration, which no site came to ask for.
    await visitor.leave([...expected, /preloaded using link preload but not used/]);
  });
});
