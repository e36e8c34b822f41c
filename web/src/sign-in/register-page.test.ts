import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { type Answer, answerWith, openPage, problem } from "../../test/support/page-under-test.ts";
import CallbackPage from "./CallbackPage.vue";
import LogInPage from "./LogInPage.vue";
import RegisterPage from "./RegisterPage.vue";

const token = "kZ3m_-9QwErTyUiOpAsDfGhJkLzXcVbNm1234567890";
const check = "POST /users/invitations/";
let page: VueWrapper | undefined;
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(
  address: string,
  mode: "open" | "invitation" | "closed",
  answers: Record<string, () => Answer> = {},
  component = RegisterPage,
) {
  const api = answerWith(answers, { mode });
  const opened = await openPage(component, address);
  page = opened.page;
  return { ...opened, api };
}

const refusal = () =>
  Response.json(
    {
      ...{ code: "invalid_fields", title: "Please check the form.", status: 400 },
      fields: [{ field: "invitation", code: "invitation_invalid", message: "The invitation is not valid." }],
    },
    { status: 400 },
  );

it("shows the form to everybody where sign-up is open, and asks nothing", async () => {
  const { page, api } = await open("/register", "open");
  expect(page.find("input[name=username]").exists()).toBe(true);
  expect(api.calls()).toEqual([]);
});

it("says that sign-up is closed, whatever the reader brings", async () => {
  const { page, api } = await open(`/register#invitation=${token}`, "closed");
  expect(page.get("h1").text()).toBe("Sign-up is closed");
  expect(page.find("form").exists()).toBe(false);
  expect(api.calls()).toEqual([]);
});

it("asks for an invitation where one is needed", async () => {
  const { page } = await open("/register", "invitation");
  expect(page.get("h1").text()).toBe("Sign-up is by invitation");
  expect(page.find("form").exists()).toBe(false);
});

it("takes an invitation out of the address, shows whose it is, and sends it with the form", async () => {
  const { page, router, api } = await open(`/register?next=/cart#invitation=${token}`, "invitation", {
    [check]: () => Response.json({ email: "guest@example.com", expires: "2027-01-01T00:00:00.000Z" }),
    "GET /users/usernames/guest_01/count/": () => Response.json({ username: "guest_01", count: 0 }),
    "GET /users/emails/guest%40example.com/count/": () => Response.json({ email: "", count: 0 }),
    "POST /users/": () =>
      Response.json({ id: 7, username: "guest_01", email: "", token: "t.o.k", user_id: 7 }, { status: 201 }),
  });
  expect(router.currentRoute.value.fullPath).toBe("/register?next=/cart");
  expect(page.get<HTMLInputElement>("input[name=email]").element.value).toBe("guest@example.com");
  await page.get("input[name=username]").setValue("guest_01");
  await page.get("input[name=email_code]").setValue("ABCDEF");
  await page.get("input[name=password]").setValue("three quiet lanterns");
  await page.get("input[name=password2]").setValue("three quiet lanterns");
  await page.get("input[name=allow]").setValue(true);
  await page.get("form").trigger("submit");
  await flushPromises();
  const sent = api.asked.find(({ what }) => what === "POST /users/");
  expect(sent?.body).toMatchObject({ invitation: token });
  expect(JSON.stringify({ ...sessionStorage })).not.toContain(token);
});

it("takes a link that is opened while the page is shown", async () => {
  const { page, router } = await open("/register", "invitation", {
    [check]: () => Response.json({ email: null, expires: "2027-01-01T00:00:00.000Z" }),
  });
  expect(page.find("form").exists()).toBe(false);
  await router.push(`/register#invitation=${token}`);
  await flushPromises();
  expect(page.find("form").exists()).toBe(true);
  expect(router.currentRoute.value.hash).toBe("");
});

it("says what is wrong with an invitation before the form is filled in, and forgets it", async () => {
  const { page } = await open(`/register#invitation=${token}`, "invitation", { [check]: refusal });
  expect(page.text()).toContain("The invitation is not valid.");
  expect(page.find("form").exists()).toBe(false);
  expect(JSON.stringify({ ...sessionStorage })).not.toContain(token);
});

it("keeps an invitation that could not be looked up", async () => {
  await open(`/register#invitation=${token}`, "invitation", {
    [check]: () => problem(503, "unavailable", "away"),
  });
  expect(JSON.stringify({ ...sessionStorage })).toContain(token);
});

it("offers no sign-up on the log-in page where it is closed", async () => {
  const links = async (mode: "open" | "closed") =>
    (await open("/login", mode, {}, LogInPage)).page.findAll("a").map((link) => link.attributes("href"));
  expect(await links("open")).toContain("/register");
  expect(await links("closed")).not.toContain("/register");
});

it("offers a first log-in an account to be bound to, and no new one, where sign-up is closed", async () => {
  answerWith({ "GET /oauth/qq/user/": () => unbound() }, { mode: "closed" });
  const departure = { provider: "qq", userId: null, next: "/", state: "s1", remember: false };
  sessionStorage.setItem("meiduo.departure", JSON.stringify(departure));
  const opened = await openPage(CallbackPage, "/oauth/callback/qq?code=c&state=s1");
  page = opened.page;
  expect(page.find("input[name=email]").exists()).toBe(true);
  expect(page.find("input[value=create]").exists()).toBe(false);
});

const unbound = () =>
  Response.json({
    ...{ access_token: "ticket", bind_token: "ticket", next: "/" },
    profile: { nickname: "小美", avatar: null, email: null },
  });
