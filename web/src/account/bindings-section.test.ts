import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { startSession } from "../session.ts";
import { keepProof } from "../step-up.ts";
import BindingsSection from "./BindingsSection.vue";

const bound = (provider: string) => ({
  provider,
  nickname: "小美",
  avatar: null,
  created_at: "2026-11-22T00:00:00Z",
});
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper;
let left: string[];

beforeEach(() => {
  answers = {
    // Weibo was switched off since; GitHub and QQ are configured.
    "GET /user/bindings/": () => Response.json({ bindings: [bound("weibo"), bound("qq")] }),
    "DELETE /user/bindings/qq/": () => new Response(null, { status: 204 }),
    "GET /user/reauthentication/": () =>
      Response.json({ recent: true, methods: ["log_in"], providers: [], email: null, max_age: 900 }),
    "GET /oauth/github/authorization/": () => Response.json({ login_url: "https://github.test/?state=s1" }),
  };
  api = answerWith(answers);
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  left = [];
  vi.spyOn(window.location, "assign").mockImplementation((address) => {
    left.push(String(address));
  });
});
afterEach(() => {
  page.unmount();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function open(address = "/account/bindings") {
  page = (await openPage(BindingsSection, address)).page;
}
const row = (provider: string) => page.get(`[data-binding=${provider}]`);
async function press(provider: string, position = 0) {
  await row(provider).findAll("button")[position]!.trigger("click");
  await flushPromises();
}

it("lists what can be bound and what is, a provider that was switched off too", async () => {
  await open();
  expect(page.findAll(".binding strong").map((name) => name.text())).toEqual(["QQ", "GitHub", "Weibo"]);
  expect(row("qq").text()).toContain("Connected as 小美");
  expect(row("weibo").get("button").text()).toBe("Disconnect");
  expect(row("github").text()).toContain("Not connected");
});

it("asks before it removes, moves the focus to the question, and removes nothing when cancelled", async () => {
  await open();
  await press("qq");
  expect(document.activeElement?.textContent).toContain("Disconnect QQ?");
  await press("qq", 1);
  expect(document.activeElement).toBe(row("qq").get("button").element);
  expect(api.calls()).toEqual(["GET /user/bindings/"]);
});

it("removes once it is confirmed, and says so", async () => {
  await open();
  await press("qq");
  await press("qq");
  expect(api.calls()).toEqual(["GET /user/bindings/", "DELETE /user/bindings/qq/"]);
  expect(row("qq").text()).toContain("Not connected");
  expect(page.get("[role=status]").text()).toContain("QQ is disconnected.");
  expect(document.activeElement).toBe(row("qq").get("button").element);
});

it("keeps the keyboard's place where the row of a switched-off provider goes with its binding", async () => {
  answers["DELETE /user/bindings/weibo/"] = () => new Response(null, { status: 204 });
  await open();
  await press("weibo");
  await press("weibo");
  expect(page.find("[data-binding=weibo]").exists()).toBe(false);
  expect(document.activeElement).toBe(row("qq").get("button").element);
});

it("shows a refusal, and leaves the binding where it is", async () => {
  answers["DELETE /user/bindings/qq/"] = () =>
    problem(400, "last_way_in", "This is your only way to log in.");
  await open();
  await press("qq");
  await press("qq");
  expect(page.get("[role=alert]").text()).toContain("This is your only way to log in.");
  expect(row("qq").text()).toContain("Connected as");
});

it("leaves for a provider once, until Back shows the page again", async () => {
  await open();
  for (const _ of [1, 2, 3]) await press("github");
  expect(left).toEqual(["https://github.test/?state=s1"]);
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await press("github");
  expect(left).toHaveLength(2);
});

it.each([
  ["qq", true],
  ["github", false],
  ["Call-555-now", false],
])("praises ?added=%s only where it is so: %s", async (added, praised) => {
  await open(`/account/bindings?added=${added}`);
  expect(page.text().includes("is now connected")).toBe(praised);
  expect(page.text()).not.toContain("555");
});

it("says nothing of a session that ended meanwhile: the log-in page does", async () => {
  const { dropSession } = await import("../session.ts");
  answers["GET /user/bindings/"] = () => {
    dropSession();
    return problem(401, "not_authenticated", "Log in.");
  };
  await open();
  expect(page.find("[role=alert]").exists()).toBe(false);
});

it("goes on with adding one after a proof elsewhere, and asks once more before it removes one", async () => {
  answers["GET /user/reauthentication/"] = () =>
    Response.json({ recent: false, methods: ["provider"], providers: ["qq"], email: null, max_age: 900 });
  keepProof("bindings", "kept", 600, { label: "Connect GitHub", doing: "again bind github" });
  await open();
  expect(left).toEqual(["https://github.test/?state=s1"]);
  page.unmount();

  keepProof("bindings", "kept", 600, { label: "Disconnect", doing: "unbind qq" });
  await open();
  expect(row("qq").find(".binding-ask").exists()).toBe(true);
  expect(document.activeElement?.className).toBe("binding-ask");
  expect(api.calls()).not.toContain("DELETE /user/bindings/qq/");
  await press("qq");
  expect(api.calls()).toContain("DELETE /user/bindings/qq/");
  page.unmount();

  keepProof("bindings", "kept", 600, { label: "Connect", doing: "again bind nobodys" });
  await open();
  expect(left).toHaveLength(1);
});
