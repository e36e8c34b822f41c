import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { currentToken, startSession } from "../session.ts";
import { logOut } from "./log-out.ts";
import SessionsSection from "./SessionsSection.vue";

const session = (id: string, over: object = {}) => ({
  ...{ id, current: false, way: "password", provider: null, browser: "Firefox", system: "Linux" },
  ...{ network: "203.0.113.*", created_at: "2026-11-22T00:00:00Z", last_seen_at: "2026-11-22T08:30:00Z" },
  ...{ expires_at: "2026-12-22T00:00:00Z", ...over },
});
let answers: Record<string, () => Answer>;
let listed: object[];
let api: ApiUnderTest;
let page: VueWrapper;

beforeEach(async () => {
  listed = [
    session("here", { current: true, way: "provider", provider: "github" }),
    session("there", { browser: "curl", system: "" }),
    session("nameless", { browser: "", system: "" }),
  ];
  answers = {
    "GET /user/sessions/": () => Response.json({ sessions: listed }),
    "DELETE /user/sessions/there/": () => {
      listed = listed.filter((one) => (one as { id: string }).id !== "there");
      return new Response(null, { status: 204 });
    },
    "DELETE /user/sessions/": () => {
      listed = listed.slice(0, 1);
      return Response.json({ ended: 2 });
    },
    "DELETE /user/sessions/current/": () => new Response(null, { status: 204 }),
  };
  api = answerWith(answers);
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  page = (await openPage(SessionsSection, "/account/devices")).page;
});
afterEach(() => {
  page.unmount();
  vi.unstubAllGlobals();
});

const row = (id: string) => page.get(`[data-session=${id}]`);

it("shows device, method, network and last use, and which one is this", () => {
  expect(page.findAll("[data-session]")).toHaveLength(3);
  expect(row("here").text()).toMatch(/Firefox · Linux.*This device.*with GitHub.*203\.0\.113\.\*/s);
  expect(row("here").find("button").exists()).toBe(false);
  expect(row("there").text()).toMatch(/curl.*password.*2026/s);
  expect(row("nameless").text()).toContain("Unknown device");
});

it("ends one, says so, and keeps the keyboard's place", async () => {
  await row("there").get("button").trigger("click");
  await flushPromises();
  expect(page.find("[data-session=there]").exists()).toBe(false);
  expect(page.get("[role=status]").text()).toContain("logged out");
  expect(document.activeElement?.id).toBe("sessions-title");
});

it("ends all others, after which there is nothing more to end", async () => {
  await page.get("button.danger").trigger("click");
  await flushPromises();
  expect(page.findAll("[data-session]")).toHaveLength(1);
  expect(page.find("button").exists()).toBe(false);
});

it("shows a refusal", async () => {
  answers["DELETE /user/sessions/there/"] = () => problem(404, "not_found", "Not found.");
  await row("there").get("button").trigger("click");
  await flushPromises();
  expect(page.get("[role=alert]").text()).toContain("Not found.");
});

it("logs out at the server, and here also where that is out of reach", async () => {
  await logOut();
  expect(api.calls()).toContain("DELETE /user/sessions/current/");
  expect(currentToken()).toBeNull();
  startSession({ token: "t2", username: "python01", userId: 7 }, false);
  answers["DELETE /user/sessions/current/"] = () => {
    throw new TypeError("no network");
  };
  await logOut();
  expect(currentToken()).toBeNull();
});
