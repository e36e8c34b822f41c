import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { endSession, session, startSession } from "../session.ts";
import { takeProof } from "../step-up.ts";
import CallbackPage from "./CallbackPage.vue";

const unbound = {
  access_token: "ticket",
  bind_token: "ticket",
  profile: { nickname: "小美", avatar: null, email: null },
  next: "/cart",
};
const account = { token: "t.o.k", username: "xiaomei", user_id: 7 };
const check = "GET /users/usernames/xiaomei/count/";
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper | undefined;

beforeEach(() => {
  answers = {
    "GET /oauth/qq/user/": () => Response.json(unbound),
    [check]: () => Response.json({ username: "xiaomei", count: 0 }),
    "POST /oauth/qq/account/": () => Response.json(account),
    "POST /oauth/qq/user/": () => Response.json(account),
  };
  api = answerWith(answers);
  depart();
});
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

/** As if this tab had left for QQ with the state s1. */
function depart(more: object = {}) {
  const departure = { provider: "qq", userId: null, next: "/cart", state: "s1", remember: false, ...more };
  sessionStorage.setItem("meiduo.departure", JSON.stringify(departure));
}

async function comeBack(address = "/oauth/callback/qq?code=c&state=s1") {
  const opened = await openPage(CallbackPage, address);
  page = opened.page;
  return opened;
}

async function chooseToCreate(shown: VueWrapper, username: string) {
  await shown.get("input[value=create]").setValue();
  await shown.get("input[name=username]").setValue(username);
}

async function submit(shown: VueWrapper) {
  await shown.get("form").trigger("submit");
  await flushPromises();
}

it("asks a first visitor to bind or to create, with the code out of the address", async () => {
  const { page: shown, router } = await comeBack();
  expect(shown.get(".person").text()).toContain("小美");
  expect(router.currentRoute.value.fullPath).toBe("/oauth/callback/qq");
  expect(shown.find("input[name=email]").exists()).toBe(true);
  expect(api.calls()).toEqual(["GET /oauth/qq/user/?code=c&state=s1"]);
  expect(session.facts).toBeNull();
});

it("creates an account with the ticket, once for a double click, and goes where the log-in was to end", async () => {
  const { page: shown, router } = await comeBack();
  await chooseToCreate(shown, "xiaomei");
  await Promise.all([shown.get("form").trigger("submit"), shown.get("form").trigger("submit")]);
  await flushPromises();
  expect(api.asked.filter(({ what }) => what.startsWith("POST"))).toEqual([
    { what: "POST /oauth/qq/account/", body: { username: "xiaomei", bind_token: "ticket" } },
  ]);
  expect(session.facts).toEqual({ token: "t.o.k", username: "xiaomei", userId: 7 });
  expect(router.currentRoute.value.fullPath).toBe("/cart");
  expect(sessionStorage.getItem("meiduo.first-log-in")).toBeNull();
});

it("binds by address, code and password, and keeps none of them", async () => {
  const { page: shown } = await comeBack();
  const typed = { email: "xm@example.com", email_code: "ABC234", password: "five loud kettles" };
  for (const [name, value] of Object.entries(typed)) await shown.get(`input[name=${name}]`).setValue(value);
  expect(JSON.stringify(sessionStorage)).not.toContain(typed.password);
  expect(JSON.stringify(sessionStorage)).not.toContain(typed.email_code);
  await submit(shown);
  expect(api.asked.at(-1)).toEqual({
    what: "POST /oauth/qq/user/",
    body: { ...typed, bind_token: "ticket" },
  });
  expect(session.facts?.token).toBe("t.o.k");
  expect(JSON.stringify(sessionStorage)).not.toContain(typed.email);
});

it.each([false, true])(
  "keeps the log-in after the browser is closed only where asked to: %s",
  async (remember) => {
    answers["GET /oauth/qq/user/"] = () => Response.json({ ...account, next: "/cart" });
    depart({ remember });
    const { router } = await comeBack();
    expect(router.currentRoute.value.fullPath).toBe("/cart");
    expect([sessionStorage.getItem("token"), localStorage.getItem("token")]).toEqual(
      remember ? [null, "t.o.k"] : ["t.o.k", null],
    );
  },
);

it("goes to no other site, whatever the API says", async () => {
  answers["GET /oauth/qq/user/"] = () => Response.json({ ...account, next: "//evil.example/" });
  const { router } = await comeBack();
  expect(router.currentRoute.value.fullPath).toBe("/");
});

it("shows the choice again after a reload, as it was left, without asking the provider's code again", async () => {
  const { page: shown } = await comeBack();
  await chooseToCreate(shown, "typed_name");
  shown.unmount();
  const { page: again } = await comeBack("/oauth/callback/qq");
  expect(again.get<HTMLInputElement>("input[name=username]").element.value).toBe("typed_name");
  expect(api.calls().filter((what) => what.includes("/oauth/"))).toHaveLength(1);
});

it("begins the choice anew for another person, with nothing the last one typed", async () => {
  const { page: shown } = await comeBack();
  await chooseToCreate(shown, "typed_name");
  shown.unmount();
  depart({ state: "s2" });
  const { page: next } = await comeBack("/oauth/callback/qq?code=d&state=s2");
  expect(next.find("input[name=email]").exists()).toBe(true);
  await next.get("input[value=create]").setValue();
  expect(next.get<HTMLInputElement>("input[name=username]").element.value).toBe("");
});

it.each([
  ["create", "POST /oauth/qq/account/"],
  ["bind", "POST /oauth/qq/user/"],
])("sends the reader to the provider again where the ticket is gone: %s", async (way, call) => {
  answers[call] = () => problem(400, "ticket_invalid", "Gone");
  const { page: shown } = await comeBack();
  if (way === "create") await chooseToCreate(shown, "xiaomei");
  else {
    await shown.get("input[name=email]").setValue("xm@example.com");
    await shown.get("input[name=email_code]").setValue("ABC234");
    await shown.get("input[name=password]").setValue("five loud kettles");
  }
  await submit(shown);
  expect(shown.get("[role=alert]").text()).toContain("That took too long");
  expect(shown.find("form").exists()).toBe(false);
  expect(sessionStorage.getItem("meiduo.first-log-in")).toBeNull();
  expect(session.facts).toBeNull();
});

it("keeps the ticket for another try where only the name is refused", async () => {
  answers["POST /oauth/qq/account/"] = () =>
    Response.json(
      { code: "invalid_fields", fields: [{ field: "username", code: "taken", message: "Taken." }] },
      { status: 400 },
    );
  const { page: shown } = await comeBack();
  await chooseToCreate(shown, "xiaomei");
  await submit(shown);
  expect(shown.get("input[name=username]").attributes("aria-invalid")).toBe("true");
  expect(shown.text()).toContain("Taken.");
  expect(sessionStorage.getItem("meiduo.first-log-in")).toContain("ticket");
});

it("hands in no code with a state this tab did not leave with", async () => {
  const { page: shown } = await comeBack("/oauth/callback/qq?code=c&state=forged");
  expect(shown.get("[role=alert]").text()).toContain("Please start again");
  expect(api.asked).toEqual([]);
});

it.each([
  ["github", "?error=access_denied&state=s1", "oauth_cancelled"],
  ["qq", "?usercancel=1&state=s1", "oauth_cancelled"],
  ["qq", "?usercancel=0&state=s1", "oauth_code_missing"],
  ["nobody-knows", "?given_up=yes", "oauth_cancelled"],
])("lets the API tell cancelling from a missing code: %s%s", async (provider, query, verdict) => {
  answers[`GET /oauth/${provider}/user/`] = () => problem(400, verdict, "As the API words it");
  const { page: shown } = await comeBack(`/oauth/callback/${provider}${query}`);
  expect(api.calls()).toEqual([`GET /oauth/${provider}/user/${query}`]);
  expect(shown.text().includes("You cancelled")).toBe(verdict === "oauth_cancelled");
  expect(shown.text().includes("didn’t send back")).toBe(verdict === "oauth_code_missing");
});

it("asks nothing where nothing came back, and never hands in a code without its state", async () => {
  const { page: shown } = await comeBack("/oauth/callback/github");
  expect(shown.text()).toContain("didn’t send back");
  const { page: again } = await comeBack("/oauth/callback/github?code=c");
  expect(again.text()).toContain("didn’t send back");
  expect(api.asked).toEqual([]);
});

it("reports a provider's trouble to the API, and shows its words", async () => {
  answers["GET /oauth/qq/user/"] = () => problem(503, "provider_error", "QQ is out of order");
  const { page: shown } = await comeBack("/oauth/callback/qq?error=server_error&state=s1");
  expect(api.calls()).toEqual(["GET /oauth/qq/user/?error=server_error&state=s1"]);
  expect(shown.get("[role=alert]").text()).toContain("QQ is out of order");
  expect(shown.text()).not.toContain("You cancelled");
});

it.each([true, false])(
  "asks to agree to the terms at a first log-in, and goes on either way: %j",
  async (agrees) => {
    api = answerWith(answers, { terms: { terms: "2026-11" } });
    depart();
    const { page: shown } = await comeBack();
    await chooseToCreate(shown, "xiaomei");
    if (agrees) await shown.get("input[name=allow]").setValue(true);
    await submit(shown);
    const { body } = api.asked.find(({ what }) => what === "POST /oauth/qq/account/")!;
    expect((body as { allow?: string }).allow).toBe(agrees ? "true" : undefined);
  },
);

it("asks for no agreement where the site keeps no versions", async () => {
  const { page: shown } = await comeBack();
  await chooseToCreate(shown, "xiaomei");
  expect(shown.find("input[name=allow]").exists()).toBe(false);
});

it("hands a proof of the reader's over, and leads back to what it is for", async () => {
  startSession({ token: "t", username: "xiaomei", userId: 7 }, false);
  answers["POST /user/reauthentication/"] = () =>
    Response.json({ message: "OK", expires_in: 600, proof: "p" });
  depart({ next: "/account/contact", action: "mobile" });
  const { router } = await comeBack();
  expect(api.calls()).toEqual(["POST /user/reauthentication/"]);
  expect(router.currentRoute.value.fullPath).toBe("/account/contact?proved=yes");
  expect(takeProof("email"), "of another action").toBeUndefined();
  expect(takeProof("mobile")).toBe("p");
  expect(takeProof("mobile"), "once").toBeUndefined();
  endSession();
});

it("says so where the person there is not the account's", async () => {
  startSession({ token: "t", username: "xiaomei", userId: 7 }, false);
  answers["POST /user/reauthentication/"] = () =>
    problem(400, "identity_not_bound", "That QQ account is not bound to yours.");
  depart({ next: "/account/contact", action: "mobile" });
  const { page: shown } = await comeBack();
  expect(shown.get("[role=alert]").text()).toContain("That QQ account is not bound to yours.");
  endSession();
});
