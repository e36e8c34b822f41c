import type { Passkey } from "@meiduo/client";
import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Answer,
  type ApiUnderTest,
  answerWith,
  openPage,
  problem,
} from "../../test/support/page-under-test.ts";
import { type PasskeyBrowser, stubPasskeyBrowser } from "../../test/support/passkey-browser.ts";
import { startSession } from "../session.ts";
import PasskeysSection from "./PasskeysSection.vue";

const one = (id: string, over: Partial<Passkey> = {}): Passkey => ({
  ...{ id, credential_id: `c-${id}`, name: `key ${id}`, synced: true },
  ...{ created_at: "2026-11-20T08:00:00Z", last_used_at: null, ...over },
});
const codes = ["AAAAA-22222", "BBBBB-33333"];
let own: Passkey[];
let methods: string[];
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let browser: PasskeyBrowser;
let page: VueWrapper | undefined;

beforeEach(() => {
  own = [one("a"), one("b", { synced: false, last_used_at: "2026-11-21T08:00:00Z" })];
  methods = [];
  const challenge = { challenge: "Y2hhbGxlbmdl", rpId: "localhost" };
  answers = {
    "GET /user/passkeys/": () =>
      Response.json({ passkeys: own, rp_id: "localhost", user_handle: "aGFuZGxl" }),
    "GET /user/second-factor/": () => Response.json({ enabled: methods.length > 0, methods }),
    "POST /user/passkeys/options/": () =>
      Response.json({ options: { ...challenge, user: { id: "aGFuZGxl" }, pubKeyCredParams: [] } }),
    "POST /user/passkeys/proof/": () => Response.json({ options: challenge }),
    "POST /user/passkeys/": () => {
      own = [...own, one("c")];
      return Response.json({ passkey: own.at(-1), recovery_codes: [] }, { status: 201 });
    },
    "PATCH /user/passkeys/a/": () => {
      own = [one("a", { name: "the phone" }), ...own.slice(1)];
      return Response.json({ message: "OK" });
    },
    "POST /user/passkeys/a/remove/": () => {
      own = own.filter(({ id }) => id !== "a");
      return Response.json({ message: "OK" });
    },
  };
});
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(rpId: string | null = "localhost"): Promise<VueWrapper> {
  browser = stubPasskeyBrowser();
  api = answerWith(answers, {}, rpId);
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  page = (await openPage(PasskeysSection, "/account/passkeys")).page;
  // What talks to devices is loaded when it is wanted.
  await settled();
  return page;
}
const settled = () => vi.dynamicImportSettled().then(flushPromises);
const row = (shown: VueWrapper, id: string) => shown.get(`[data-passkey=${id}]`);
const press = async (shown: VueWrapper, id: string, name: string) => {
  await row(shown, id).get(`button[aria-label="${name} key ${id}"]`).trigger("click");
  await flushPromises();
};
const submit = async (shown: VueWrapper, form: string) => {
  await shown.get(form).trigger("submit");
  await settled();
};

describe("the list", () => {
  it("says of each what it is and when it was used, and tells the devices which there are and by what name", async () => {
    const shown = await open();
    expect(row(shown, "a").text()).toMatch(/key a.*Synced between your devices.*Nov 20, 2026/s);
    expect(row(shown, "b").text()).toMatch(/key b.*On one device only.*Nov 21, 2026/s);
    const whose = { rpId: "localhost", userId: "aGFuZGxl" };
    expect(browser.signals).toEqual([
      { name: "allAcceptedCredentials", facts: { ...whose, allAcceptedCredentialIds: ["c-a", "c-b"] } },
      { name: "currentUserDetails", facts: { ...whose, name: "python01", displayName: "python01" } },
    ]);
  });

  it("says that there is none, and shows a failure", async () => {
    own = [];
    expect((await open()).text()).toContain("No passkey yet.");
    page?.unmount();
    answers["GET /user/passkeys/"] = () => problem(404, "not_found", "Not there.");
    const shown = await open();
    expect(shown.get("[role=alert]").text()).toContain("Not there.");
    expect(shown.find("form").exists()).toBe(false);
  });
});

describe("where there can be none", () => {
  it.each([
    ["at an address without a name", null, "they need https and a domain name"],
    ["on another domain", "accounts.example", "https://accounts.example"],
  ])("%s it says why, and offers none", async (_where, rpId, words) => {
    const shown = await open(rpId);
    expect(shown.findAll("[data-passkey]"), "those that are there can go").toHaveLength(2);
    expect(shown.find("input[name=name]").exists()).toBe(false);
    expect(shown.text()).toContain(words);
    expect(browser.signals).toEqual([]);
  });

  it("in a browser without them as well", async () => {
    await open();
    page?.unmount();
    vi.stubGlobal("PublicKeyCredential", undefined);
    page = (await openPage(PasskeysSection, "/account/passkeys")).page;
    expect(page.find("input[name=name]").exists()).toBe(false);
    expect(page.text()).toContain("This browser has no passkeys.");
  });
});

describe("adding one", () => {
  it("has the device make it, and keeps it under the given name", async () => {
    const shown = await open();
    await shown.get("input[name=name]").setValue(" my thing ");
    await shown.get("input[name=current_password]").setValue("12345678aA");
    await submit(shown, "form");
    expect(api.asked.find(({ what }) => what.endsWith("/options/"))?.body).toEqual({
      current_password: "12345678aA",
    });
    expect(browser.ceremonies.map(({ kind }) => kind)).toEqual(["create"]);
    const sent = api.asked.find(({ what }) => what === "POST /user/passkeys/")?.body;
    expect(sent).toMatchObject({ name: "my thing", second_factor: false, passkey: { id: "Y3JlZA" } });
    expect(shown.get("[role=status]").text()).toContain("The passkey was added.");
    expect(shown.findAll("[data-passkey]")).toHaveLength(3);
    expect(document.activeElement?.id).toBe("passkeys-title");
  });

  it("as a second factor shows the recovery codes until they are kept", async () => {
    answers["POST /user/passkeys/"] = () =>
      Response.json({ passkey: own[0], recovery_codes: codes }, { status: 201 });
    const shown = await open();
    await shown.get("input[name=second_factor]").setValue(true);
    await submit(shown, "form");
    expect(shown.findAll(".recovery-codes code").map((code) => code.text())).toEqual(codes);
    await shown.findAll(".home-actions button").at(-1)!.trigger("click");
    expect(shown.find(".recovery-codes").exists()).toBe(false);
  });

  it("is not asked to be a second factor where there is one", async () => {
    methods = ["totp", "recovery_code"];
    expect((await open()).find("input[name=second_factor]").exists()).toBe(false);
  });

  it.each([
    ["NotAllowedError", "It was not finished."],
    ["InvalidStateError", "has a passkey"],
  ] as const)("that ends with %s says so, and sends nothing", async (refusal, words) => {
    const shown = await open();
    browser.refusal = refusal;
    await submit(shown, "form");
    expect(shown.text()).toContain(words);
    expect(shown.find("[role=alert]").exists()).toBe(false);
    expect(api.calls()).not.toContain("POST /user/passkeys/");
    browser.refusal = undefined;
    await submit(shown, "form");
    expect(api.calls()).toContain("POST /user/passkeys/");
  });

  it("shows what the API refuses", async () => {
    answers["POST /user/passkeys/"] = () => problem(400, "passkeys_full", "There are twenty.");
    const shown = await open();
    await submit(shown, "form");
    expect(shown.get("[role=alert]").text()).toContain("There are twenty.");
  });
});

describe("renaming one", () => {
  it("sends the new name, and not an empty one", async () => {
    const shown = await open();
    await press(shown, "a", "Rename");
    const field = row(shown, "a").get<HTMLInputElement>("input[name=passkey_name]");
    expect([field.element.value, document.activeElement]).toEqual(["key a", field.element]);
    await field.setValue("  ");
    await submit(shown, "[data-passkey=a] form");
    expect(api.calls()).not.toContain("PATCH /user/passkeys/a/");
    await field.setValue(" the phone ");
    await submit(shown, "[data-passkey=a] form");
    expect(api.asked.find(({ what }) => what.startsWith("PATCH"))?.body).toEqual({ name: "the phone" });
    expect(row(shown, "a").text()).toContain("the phone");
    expect(shown.get("[role=status]").text()).toContain("The passkey was renamed.");
  });

  it("is left by Cancel, which leads back to the button", async () => {
    const shown = await open();
    await press(shown, "a", "Rename");
    await row(shown, "a").findAll("button").at(-1)!.trigger("click");
    await flushPromises();
    expect(row(shown, "a").find("form").exists()).toBe(false);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Rename key a");
  });
});

describe("removing one", () => {
  async function remove(shown: VueWrapper) {
    await press(shown, "a", "Remove");
    await row(shown, "a").get("button.danger").trigger("click");
    await settled();
  }

  it("asks first, and then tells the devices what is left", async () => {
    const shown = await open();
    await press(shown, "a", "Remove");
    expect(document.activeElement?.textContent).toContain("key a");
    expect(api.calls()).not.toContain("POST /user/passkeys/a/remove/");
    browser.signals.length = 0;
    await row(shown, "a").get("button.danger").trigger("click");
    await settled();
    expect(shown.find("[data-passkey=a]").exists()).toBe(false);
    expect(shown.get("[role=status]").text()).toContain("The passkey was removed.");
    expect(browser.signals[0]).toMatchObject({ facts: { allAcceptedCredentialIds: ["c-b"] } });
  });

  it("of the last second factor shows that very passkey, or stays", async () => {
    own = [one("a")];
    methods = ["passkey", "recovery_code"];
    const shown = await open();
    browser.refusal = "NotAllowedError";
    await remove(shown);
    expect(api.calls()).not.toContain("POST /user/passkeys/a/remove/");
    expect(shown.findAll("[data-passkey]")).toHaveLength(1);
    browser.refusal = undefined;
    await remove(shown);
    const sent = api.asked.find(({ what }) => what === "POST /user/passkeys/a/remove/");
    expect(sent?.body).toMatchObject({ passkey: { id: "Y3JlZA" } });
    expect(shown.findAll("[data-passkey]")).toHaveLength(0);
  });

  it("shows a refusal and keeps it in the list", async () => {
    answers["POST /user/passkeys/a/remove/"] = () => problem(404, "not_found", "Not found.");
    const shown = await open();
    await remove(shown);
    expect(shown.get("[role=alert]").text()).toContain("Not found.");
    expect(shown.findAll("[data-passkey]")).toHaveLength(2);
  });
});
