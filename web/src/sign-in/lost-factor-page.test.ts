import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import CancelLostFactorPage from "./CancelLostFactorPage.vue";
import LostFactorPage from "./LostFactorPage.vue";
import { keptSecondStep } from "./second-step.ts";

const url = "POST /users/second-factor/lost/";
const times = { ripe_at: "2026-11-30T12:05:00.000Z", lapses_at: "2026-12-07T12:05:00.000Z" };
const none = { state: "none", refusal: null, ripe_at: null, lapses_at: null, delay_seconds: 86_400 };
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper | undefined;

beforeEach(() => {
  answers = { [url]: () => Response.json(none) };
  api = answerWith(answers);
  // It forgets what the tab kept before.
  sessionStorage.setItem(
    "meiduo.second-step",
    JSON.stringify({ step: "s.t.e.p", next: "/", remember: false }),
  );
});
afterEach(() => {
  page?.unmount();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

async function open(component: Parameters<typeof openPage>[0], address: string): Promise<VueWrapper> {
  page = (await openPage(component, address)).page;
  await flushPromises();
  return page;
}
async function press(shown: VueWrapper, selector: string) {
  await shown.get(selector).trigger("click");
  await flushPromises();
}

describe("at a log-in that waits for the second factor", () => {
  it("says what will happen, asks by a button alone, and says from when on it can be finished", async () => {
    answers[`${url}ask/`] = () => Response.json({ ...none, ...times, state: "asked" });
    const shown = await open(LostFactorPage, "/second-factor/lost");
    expect(api.calls()).toEqual([url]);
    expect(shown.get("ol").text()).toContain("24 h");
    await press(shown, "button.button");
    expect(api.asked.at(-1)?.body).toEqual({ step: "s.t.e.p" });
    const format = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
    expect(shown.get("[role=status]").text()).toContain(format.format(new Date(times.ripe_at)));
    expect(shown.find("button.button").exists()).toBe(false);
    expect(keptSecondStep()).not.toBeNull();
  });

  it("removes it only after a second press, and leads to the log-in", async () => {
    answers[url] = () => Response.json({ ...none, ...times, state: "ripe" });
    answers[`${url}finish/`] = () => Response.json({ message: "OK" });
    const shown = await open(LostFactorPage, "/second-factor/lost");
    await press(shown, "button.button");
    expect(api.calls()).toEqual([url]);
    await press(shown, "button.quiet");
    await press(shown, "button.button");
    await press(shown, "button.danger");
    expect(api.calls()).toEqual([url, `${url}finish/`]);
    expect(shown.get("a.button").attributes("href")).toBe("/login");
    expect(keptSecondStep()).toBeNull();
  });

  it.each(["off", "demanded", "no_address", "password_reset", "new_binding", "by_code"])(
    "says why not (%s), and has no button",
    async (refusal) => {
      answers[url] = () => Response.json({ ...none, refusal });
      const shown = await open(LostFactorPage, "/second-factor/lost");
      expect(shown.get(".notice.warn").text().length).toBeGreaterThan(20);
      expect(shown.find("button.button").exists()).toBe(false);
    },
  );

  it("shows a refusal of the call, and can be tried again", async () => {
    answers[`${url}ask/`] = () => problem(429, "throttled", "Too many tries.");
    const shown = await open(LostFactorPage, "/second-factor/lost");
    await press(shown, "button.button");
    expect(shown.get("[role=alert]").text()).toContain("Too many tries.");
    expect(shown.find("button.button").exists()).toBe(true);
  });

  it("leads back to the log-in once that is over, and where none waits", async () => {
    answers[url] = () => problem(400, "second_factor_step_ended", "It has ended.");
    const shown = await open(LostFactorPage, "/second-factor/lost");
    expect(shown.get("a.button").attributes("href")).toBe("/login");
    expect(keptSecondStep()).toBeNull();
    shown.unmount();
    const without = await open(LostFactorPage, "/second-factor/lost");
    expect(without.get("a.button").attributes("href")).toBe("/login");
    expect(api.calls()).toEqual([url]);
  });
});

describe("the link of the mail", () => {
  it("does nothing by being opened", async () => {
    await open(CancelLostFactorPage, "/lost-factor#t.o.k");
    expect(api.calls()).toEqual([]);
  });

  it.each([
    ["cancelled", "good"],
    ["done", "bad"],
    ["expired", "good"],
  ])("says what became of it: %s", async (state, kind) => {
    answers[`${url}cancel/`] = () => Response.json({ state });
    const shown = await open(CancelLostFactorPage, "/lost-factor#t.o.k");
    await press(shown, "button.danger");
    expect(api.asked.at(-1)?.body).toEqual({ token: "t.o.k" });
    expect(shown.find(`.notice.${kind}`).exists()).toBe(true);
    expect(shown.get("a.button").attributes("href")).toBe("/forgot-password");
  });

  it("shows a refusal, and stays to be tried again", async () => {
    answers[`${url}cancel/`] = () => problem(400, "link_invalid", "The link is not valid.");
    const shown = await open(CancelLostFactorPage, "/lost-factor#t.o.k");
    await press(shown, "button.danger");
    expect(shown.get("[role=alert]").text()).toContain("The link is not valid.");
    expect(shown.find("button.danger").exists()).toBe(true);
  });
});
