import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { createClient as create } from "../../client/src/client.ts";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { adoptToken, openLoggedIn, prepareJourney } from "../support/journey.ts";
import { signUpWithApp } from "../support/second-factor.ts";
import { newPerson } from "../support/stack.ts";
import { addAuthenticator } from "../support/virtual-authenticator.ts";

/** Proving oneself again before a new password, a passkey that comes or goes, a change by staff; and where there is only QQ. */
const journey = prepareJourney({}, { isNamed: true });

const inChinese = {
  ...{ title: "请确认是你本人", current: "当前密码", confirm: "确认", code: "验证码或恢复码" },
  ...{ newPassword: "新密码", submit: "修改密码", saved: "密码已修改" },
  ...{
    name: "名称",
    add: "添加通行密钥",
    added: "通行密钥已添加。",
    remove: "删除",
    removed: "通行密钥已删除。",
  },
  ...{ byQq: "用QQ登录", byQqProof: "用QQ确认", create: "新建账号", username: "用户名", begin: "新建并登录" },
  ...{ factor: "开启两步验证", picture: "含有密钥的二维码", bind: "绑定 GitHub", unbind: "解除绑定" },
  ...{
    bound: "GitHub已绑定到你的账号。",
    ask: "确定解除GitHub绑定",
    unbound: "GitHub已解除绑定。",
    waits: "还没有完成：“修改密码”",
  },
};
const inEnglish: typeof inChinese = {
  ...{ title: "Confirm that it is you", current: "Current password", confirm: "Confirm" },
  ...{ code: "Code or recovery code", newPassword: "New password", submit: "Change password" },
  ...{ saved: "Password changed", name: "Name", add: "Add a passkey", added: "The passkey was added." },
  ...{ remove: "Remove", removed: "The passkey was removed.", byQq: "Log in with QQ" },
  ...{
    byQqProof: "Confirm with QQ",
    create: "New account",
    username: "User name",
    begin: "Create and log in",
  },
  ...{
    factor: "Switch it on",
    picture: "QR code with the key",
    bind: "Connect GitHub",
    unbind: "Disconnect",
  },
  ...{ bound: "GitHub is now connected", ask: "Disconnect GitHub?", unbound: "GitHub is disconnected" },
  waits: "Still to do: “Change password”",
};

const fresh = "four quiet lanterns";

describe.each([
  { words: inChinese, look: { language: "zh-CN" } },
  { words: inEnglish, look: { language: "en-US", phone: true, theme: "dark" } },
] as const)("$look.language", ({ words, look }) => {
  const dialogOf = (page: Page) => page.getByRole("dialog", { name: words.title });

  it("before a new password: the factor as well as the password, and nothing that was typed is lost", async () => {
    const { stack, browser } = journey;
    const person = newPerson();
    const secret = await signUpWithApp(stack, person);
    const held = await post("/users/authorizations/", person);
    const code = appCode(secret, Date.now());
    const { token, user_id } = await post("/users/second-factor/", { step: held.step, code });
    const visitor = await browser.visitor(look);
    const page = await visitor.tab();
    await adoptToken(page, person, String(token), Number(user_id));
    stack.age();
    await page.goto("/account/password");
    await page.getByLabel(words.current).fill(person.password);
    await page.locator("[name=password]").fill(fresh);
    await page.locator("[name=password2]").fill(fresh);
    await page.locator("[name=password2]").press("Enter");
    const dialog = dialogOf(page);
    await dialog.getByLabel(words.code).waitFor();
    await expectAccessible(page);
    expect(await dialog.getByLabel(words.current).count(), "it alone proves nothing").toBe(0);
    // The code of now was for the log-in.
    await dialog.getByLabel(words.code).fill(appCode(secret, Date.now() + 30_000));
    await page.keyboard.press("Enter");
    await page.getByText(words.saved).waitFor();
    expect((await post("/users/authorizations/", { ...person, password: fresh })).code).toBe(
      "second_factor_required",
    );
    await visitor.leave([refusedRequest]);
  });

  it("before a passkey comes, and before it goes", async () => {
    const { person, visitor, page } = await openLoggedIn(journey, look);
    const device = await addAuthenticator(page);
    const dialog = dialogOf(page);
    const confirm = async () => {
      await dialog.getByLabel(words.current).waitFor();
      await expectAccessible(page);
      await page.keyboard.insertText(person.password);
      await page.keyboard.press("Enter");
    };
    journey.stack.age();
    await page.goto("/account/passkeys");
    await page.getByLabel(words.name, { exact: true }).fill("my thing");
    await page.getByRole("button", { name: words.add }).press("Enter");
    await confirm();
    await page.getByText(words.added).waitFor();
    expect(await device.credentials()).toHaveLength(1);

    journey.stack.age();
    await page.getByRole("button", { name: `${words.remove} my thing` }).press("Enter");
    await page.getByRole("button", { name: words.remove, exact: true }).press("Enter");
    await confirm();
    await page.getByText(words.removed).waitFor();
    expect(await page.locator("[data-passkey]").count()).toBe(0);
    await visitor.leave([refusedRequest]);
  });

  it("by QQ, for who has nothing else: what was begun goes on, or takes one press", async () => {
    const visitor = await journey.browser.visitor(look);
    const page = await visitor.tab();
    const dialog = dialogOf(page);
    const proveByQq = async () => {
      await dialog.getByRole("button", { name: words.byQqProof }).waitFor();
      await expectAccessible(page);
      await dialog.getByRole("button", { name: words.byQqProof }).press("Enter");
      await allow(page, person);
    };
    const person = look.language === "zh-CN" ? "penguin" : "long";
    await page.goto("/login?next=%2Faccount%2Fsecond-factor");
    await page.getByRole("button", { name: words.byQq }).click();
    await allow(page, person);
    await page.getByLabel(words.create).check();
    await page.getByLabel(words.username).fill(newPerson().username);
    await page.getByRole("button", { name: words.begin }).click();
    await page.waitForURL("**/account/second-factor");

    // It takes nothing away and needs nothing typed: it goes on by itself.
    journey.stack.age();
    await page.getByRole("button", { name: words.factor }).press("Enter");
    await proveByQq();
    await page.getByRole("img", { name: words.picture }).waitFor();
    await expectAccessible(page);

    journey.stack.age();
    await page.goto("/account/bindings");
    await page.getByRole("button", { name: words.bind }).press("Enter");
    await proveByQq();
    await allow(page, person);
    await page.getByText(words.bound).waitFor();

    // A way in that goes is asked about once more.
    journey.stack.age();
    const row = page.locator("[data-binding=github]");
    await row.getByRole("button").first().press("Enter");
    await row.getByRole("button", { name: words.unbind, exact: true }).press("Enter");
    await proveByQq();
    await page.getByText(words.ask).waitFor();
    expect(await row.getByRole("button", { name: words.unbind, exact: true }).count()).toBe(1);
    await expectAccessible(page);
    await row.getByRole("button", { name: words.unbind, exact: true }).press("Enter");
    await page.getByText(words.unbound).waitFor();

    // Passwords are kept nowhere: they are typed anew, and the page says what waits.
    journey.stack.age();
    await page.goto("/account/password");
    const typeBoth = async () => {
      await page.locator("[name=password]").fill(fresh);
      await page.locator("[name=password2]").fill(fresh);
      await page.locator("[name=password2]").press("Enter");
    };
    await typeBoth();
    await proveByQq();
    await page.getByText(words.waits).waitFor();
    await expectAccessible(page);
    expect(await page.locator("[name=password]").inputValue()).toBe("");
    await typeBoth();
    await page.getByText(words.saved).waitFor();
    await visitor.leave([refusedRequest]);
  });
});

/**
 * The site has no page for staff: the typed client, in a page of another origin than the API's, as a separated front end has
 * it. Its sources come without their types from where the site's scripts do.
 */
it("before a change by staff: the typed client asks, proves, and sends it again", async () => {
  const { stack } = journey;
  const { person, visitor, page } = await openLoggedIn(journey);
  await stack.manage("user", "make-superuser", person.username);
  const { token } = await post("/users/authorizations/", person);
  const other = newPerson();
  const { id } = await stack.signUp(other);
  stack.age();
  await page.route("**/typed-client/*", (route) => {
    const name = new URL(route.request().url()).pathname.split("/").at(-1)!;
    const source = readFileSync(join(import.meta.dirname, "../../client/src", name), "utf8");
    return route.fulfill({ contentType: "text/javascript", body: stripTypeScriptTypes(source) });
  });
  await page.goto("/terms");
  // As text: what runs the tests would make an import of its own of it.
  await page.evaluate('import("/typed-client/client.ts").then((client) => Object.assign(window, client))');
  const found = await page.evaluate(
    async ({ baseUrl, token, id, password }) => {
      const { createClient } = globalThis as unknown as { createClient: typeof create };
      const asked: unknown[] = [];
      const client = createClient({
        ...{ baseUrl, token: () => token },
        stepUp: async ({ action, methods }) => {
          asked.push({ action, methods });
          return (await client.reauthenticate({ password, action: "administration" })).proof;
        },
      });
      const change = (first_name: string) => client.admin.changeUser(id, { first_name });
      const changed = [await change("Ada"), await change("Grace")];
      return { asked, names: changed.map((one) => one.first_name) };
    },
    { baseUrl: stack.apiUrl, token: String(token), id, password: person.password },
  );
  expect(found).toEqual({
    // Once: what was proved counts for the session, too.
    asked: [{ action: "administration", methods: expect.arrayContaining(["password", "log_in"]) }],
    names: ["Ada", "Grace"],
  });
  await visitor.leave([refusedRequest]);
});

async function allow(page: Page, person: string): Promise<void> {
  await page.getByTestId(`person-${person}`).click();
  await page.getByTestId("allow").click();
}

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(journey.stack.apiUrl + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
}
