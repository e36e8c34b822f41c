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
import TrustedDevices from "./TrustedDevices.vue";

const device = (id: string, over: object = {}) => ({
  ...{ id, current: false, browser: "Firefox", system: "Linux", network: "203.0.113.*" },
  ...{ created_at: "2026-11-22T00:00:00Z", last_used_at: "2026-11-23T08:30:00Z" },
  ...{ expires_at: "2026-12-22T00:00:00Z", ...over },
});
let listed: object[];
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper;

async function open() {
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  page = (await openPage(TrustedDevices, "/account/devices")).page;
}
beforeEach(() => {
  listed = [device("here", { current: true }), device("there", { browser: "", system: "" })];
  answers = {
    "GET /user/remembered-devices/": () => Response.json({ devices: listed }),
    "DELETE /user/remembered-devices/there/": () => {
      listed = listed.slice(0, 1);
      return new Response(null, { status: 204 });
    },
  };
  api = answerWith(answers);
});
afterEach(() => {
  page.unmount();
  vi.unstubAllGlobals();
});

it("shows each device with its end, and which one is this", async () => {
  await open();
  expect(page.get("[data-device=here]").text()).toMatch(
    /Firefox · Linux.*This device.*Dec 22, 2026.*203\.0/s,
  );
  expect(page.get("[data-device=there]").text()).toContain("Unknown device");
});

it("removes one, says so, and keeps the focus near", async () => {
  await open();
  await page.get("[data-device=there] button").trigger("click");
  await flushPromises();
  expect(api.calls()).toContain("DELETE /user/remembered-devices/there/");
  expect(page.findAll("[data-device]")).toHaveLength(1);
  expect(page.get(".notice").text()).toContain("asks for the second factor again");
  expect(document.activeElement?.id).toBe("trusted-title");
});

it("is not there where no device is trusted", async () => {
  listed = [];
  await open();
  expect(page.find("section").exists()).toBe(false);
});

it("shows a failure", async () => {
  answers["DELETE /user/remembered-devices/there/"] = () => problem(404, "not_found", "It is gone.");
  await open();
  await page.get("[data-device=there] button").trigger("click");
  await flushPromises();
  expect(page.get("[role=alert]").text()).toContain("It is gone.");
});
