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
import LogInHistory from "./LogInHistory.vue";

const logIn = (over: object = {}) => ({
  ...{ at: "2026-11-22T08:30:00Z", way: "password", provider: null, browser: "Firefox", system: "Linux" },
  ...{ network: "203.0.113.*", ended_at: null, ...over },
});
const first = {
  log_ins: [logIn(), logIn({ browser: "", system: "", ended_at: "2026-11-23T09:00:00Z" })],
  refused: [
    { at: "2026-11-21T08:30:00Z", reason: "wrong_password", network: "198.51.100.*", times: 3 },
    { at: "2026-11-20T08:30:00Z", reason: "of_a_later_version", network: "198.51.100.*", times: 1 },
  ],
  next: "c1",
};
let pages: (() => Answer)[];
let api: ApiUnderTest;
let page: VueWrapper;

beforeEach(async () => {
  pages = [
    () => Response.json(first),
    () => Response.json({ log_ins: [logIn({ browser: "curl", system: "" })], refused: [], next: null }),
  ];
  api = answerWith({ "GET /user/log-ins/": () => pages.shift()!() });
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  await open();
});
afterEach(() => {
  page.unmount();
  vi.unstubAllGlobals();
});
async function open() {
  page = (await openPage(LogInHistory, "/account/devices")).page;
}
async function openWith(answer: () => Answer) {
  page.unmount();
  pages = [answer];
  await open();
}

it("shows time, device, way and network of each log-in, and when it ended", () => {
  const rows = page.findAll("[data-log-in]").map((row) => row.text());
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/Firefox · Linux.*password.*2026.*203\.0\.113\.\*/s);
  expect(rows[0]).not.toContain("Ended");
  expect(rows[1]).toMatch(/Unknown device.*Ended.*23.*2026/s);
});

it("marks what was refused, with how often and why, also for a reason that it doesn't know", () => {
  const rows = page.findAll("[data-refused]").map((row) => row.text());
  expect(rows[0]).toMatch(/Refused tries: 3.*Wrong password.*198\.51\.100\.\*/s);
  expect(rows[1]).toMatch(/Refused tries: 1.*Not let in/s);
});

it("leads who finds a stranger to a new password", () => {
  expect(page.get("a").attributes("href")).toBe("/account/password");
});

it("shows more until there is none, and the keyboard goes on at what is new", async () => {
  await page.get("button").trigger("click");
  await flushPromises();
  expect(api.calls()).toEqual(["GET /user/log-ins/", "GET /user/log-ins/?cursor=c1"]);
  const rows = page.findAll("[data-log-in]");
  expect(rows.map((row) => row.text().includes("curl"))).toEqual([false, false, true]);
  expect(document.activeElement).toBe(rows[2]!.element);
  expect(page.findAll("[data-refused]"), "as on the first page").toHaveLength(2);
  expect(page.find("button").exists()).toBe(false);
});

it("says that there is nothing", async () => {
  await openWith(() => Response.json({ log_ins: [], refused: [], next: null }));
  expect(page.get("[data-empty]").text()).toBe("There is nothing yet.");
  expect(page.find("ul").exists()).toBe(false);
});

it("shows a refusal", async () => {
  await openWith(() => problem(500, "internal", "Something went wrong."));
  expect(page.get("[role=alert]").text()).toContain("Something went wrong");
  expect(page.find("[data-empty]").exists()).toBe(false);
});
