import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { h } from "vue";
import { type ApiUnderTest, answerWith, openPage, problem } from "../../test/support/page-under-test.ts";
import { stubPasskeyBrowser } from "../../test/support/passkey-browser.ts";
import { session, startSession } from "../session.ts";
import UsernameSection from "./UsernameSection.vue";

const user = { id: 7, username: "python01", email: "44@qq.com" };
let answer: () => Response;
let api: ApiUnderTest;
let page: VueWrapper;
let changed: unknown[];

beforeEach(async () => {
  answer = () => Response.json({ ...user, username: "zhangsan", token: "t2" });
  api = answerWith({ "PUT /user/username/": () => answer() });
  startSession({ token: "t1", username: "python01", userId: 7 }, false);
  changed = [];
  const onChanged = (one: unknown) => changed.push(one);
  ({ page } = await openPage({ render: () => h(UsernameSection, { user, onChanged } as never) }, "/account"));
});
afterEach(() => {
  page.unmount();
  vi.unstubAllGlobals();
});

async function send(username: string) {
  await page.get("input[name=username]").setValue(username);
  await page.get("input[name=current_password]").setValue("12345678aA");
  await page.get("form").trigger("submit");
  await flushPromises();
}

it("goes on with the token that names the new user name", async () => {
  await send(" zhangsan ");
  expect(api.asked).toEqual([
    { what: "PUT /user/username/", body: { username: "zhangsan", current_password: "12345678aA" } },
  ]);
  expect(session.facts).toEqual({ token: "t2", username: "zhangsan", userId: 7 });
  expect(changed).toEqual([{ ...user, username: "zhangsan" }]);
  expect(page.text()).toContain("User name changed.");
});

it("tells the devices that have passkeys of the account its new name, and no others", async () => {
  const own = () => Response.json({ passkeys: [], rp_id: "localhost", user_handle: "aGFuZGxl" });
  const answers = { "PUT /user/username/": () => answer(), "GET /user/passkeys/": own };
  const mute = stubPasskeyBrowser({ hasSignals: false });
  api = answerWith(answers, {}, "localhost");
  startSession({ token: "t1", username: "python01", userId: 7 }, false);
  await send("zhangsan");
  expect([api.calls(), mute.signals]).toEqual([["PUT /user/username/"], []]);

  const browser = stubPasskeyBrowser();
  await send("zhangsan");
  const facts = { rpId: "localhost", userId: "aGFuZGxl", name: "zhangsan", displayName: "zhangsan" };
  await vi.waitFor(() => expect(browser.signals).toEqual([{ name: "currentUserDetails", facts }]));
  answers["GET /user/passkeys/"] = () => problem(404, "not_found", "Not there.");
  await send("zhangsan");
  expect(page.text()).toContain("User name changed.");
  expect(page.text()).not.toContain("Not there.");
});

it("says at the field what is wrong with a name, and keeps the session", async () => {
  await send("abc");
  expect(api.asked).toEqual([]);
  const title = "A user with that username already exists.";
  const fields = [{ field: "username", code: "username_taken", message: title }];
  answer = () => Response.json({ code: "invalid_fields", title, status: 400, fields }, { status: 400 });
  await send("python02");
  expect(page.get("input[name=username]").attributes("aria-invalid")).toBe("true");
  expect(page.text()).toContain(title);
  expect(session.facts?.token).toBe("t1");
  expect(changed).toEqual([]);
});
