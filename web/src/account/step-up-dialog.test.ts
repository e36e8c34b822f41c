import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { type Answer, type ApiUnderTest, answerWith, problem } from "../../test/support/page-under-test.ts";
import { api } from "../api.ts";
import { i18n } from "../language.ts";
import { startSession } from "../session.ts";
import { takeDeparture } from "../sign-in/third-party.ts";
import { askForProof, keepProof, stepUpQuestion, takeUp, whatWaits, whileDoing } from "../step-up.ts";
import StepUpDialog from "./StepUpDialog.vue";

const needed = {
  ...{ action: "sessions", methods: ["password", "provider", "email_code", "log_in"], providers: ["qq"] },
  email: "z***@example.com",
};
let answers: Record<string, () => Answer>;
let asked: ApiUnderTest;
let page: VueWrapper | undefined;

beforeEach(() => {
  answers = {
    "POST /user/reauthentication/": () => Response.json({ message: "OK", expires_in: 600, proof: "p" }),
    "POST /user/reauthentication/email-code/": () => Response.json({ message: "OK" }),
    "POST /user/reauthentication/authorization/": () =>
      Response.json({ login_url: "https://qq.test/?state=s1" }),
  };
  asked = answerWith(answers);
  startSession({ token: "t", username: "python01", userId: 7 }, false);
});
afterEach(() => {
  page?.unmount();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function open(question = needed) {
  const proof = askForProof(question);
  const routes = [{ path: "/:rest(.*)*", component: { render: () => null } }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  await router.push("/account/devices");
  page = mount(StepUpDialog, {
    props: { question: stepUpQuestion.value! },
    global: { plugins: [i18n, router] },
    attachTo: document.body,
  });
  await flushPromises();
  return { dialog: page, proof };
}
async function fill(dialog: VueWrapper, name: string, value: string) {
  await dialog.get(`[name=${name}]`).setValue(value);
  await dialog.get("form").trigger("submit");
  await flushPromises();
}
const press = async (dialog: VueWrapper, words: string) => {
  await dialog
    .findAll("button")
    .find((button) => button.text() === words)!
    .trigger("click");
  await flushPromises();
};

it("takes the password, says where it is wrong, and answers with the proof", async () => {
  const right = answers["POST /user/reauthentication/"]!;
  answers["POST /user/reauthentication/"] = () =>
    Response.json(
      {
        ...{ code: "invalid_fields", title: "Check the form.", status: 400 },
        fields: [{ field: "current_password", code: "wrong_password", message: "Wrong password." }],
      },
      { status: 400 },
    );
  const { dialog, proof } = await open();
  await fill(dialog, "password", "wrong");
  expect(dialog.text()).toContain("Wrong password.");
  answers["POST /user/reauthentication/"] = right;
  await fill(dialog, "password", "right");
  expect(await proof).toBe("p");
  expect(asked.asked.at(-1)?.body).toEqual({ password: "right", action: "sessions" });
  expect(stepUpQuestion.value).toBeNull();
});

it("mails a code, for the action", async () => {
  const { dialog, proof } = await open();
  await press(dialog, "Confirm with a code by mail");
  await press(dialog, "Send code");
  expect(asked.asked.at(-1)).toEqual({
    ...{ what: "POST /user/reauthentication/email-code/", body: { action: "sessions" } },
  });
  await fill(dialog, "email_code", "A7K9Q2");
  expect(await proof).toBe("p");
});

it("leaves for the provider, and a proof from there is taken without a question", async () => {
  const left = vi.spyOn(window.location, "assign").mockImplementation(() => {});
  const { dialog } = await open();
  await press(dialog, "Confirm with QQ");
  expect(left).toHaveBeenCalledWith("https://qq.test/?state=s1");
  keepProof("sessions", "kept", 600);
  expect(await askForProof(needed)).toBe("kept");
});

it("keeps what was being done when it leaves, for this reader, once and for as long as the proof is good", async () => {
  vi.spyOn(window.location, "assign").mockImplementation(() => {});
  const button = document.createElement("button");
  button.textContent = " Connect GitHub ";
  document.body.append(button);
  button.focus();
  const never = new Promise(() => {});
  void whileDoing("again bind github", () => never);
  const { dialog } = await open();
  await press(dialog, "Confirm with QQ");
  const { departure } = takeDeparture("qq", "s1");
  expect(departure?.interrupted).toEqual({ label: "Connect GitHub", doing: "again bind github" });
  button.remove();

  expect(whatWaits()).toBeNull();
  keepProof("bindings", "kept", 600, departure!.interrupted);
  expect(whatWaits()?.label).toBe("Connect GitHub");
  expect(takeUp("unbind "), "something else").toBeNull();
  expect(takeUp("again bind ")).toBe("github");
  expect([takeUp("again bind "), whatWaits()], "once").toEqual([null, null]);
  expect(await askForProof({ ...needed, action: "bindings" }), "the proof stays").toBe("kept");
  keepProof("bindings", "late", -1, departure!.interrupted);
  expect(whatWaits()).toBeNull();
  keepProof("bindings", "kept", 600, departure!.interrupted);
  startSession({ token: "t", username: "python02", userId: 8 }, false);
  expect(whatWaits(), "another reader's").toBeNull();
});

it("asks a second factor's code alone, and where nothing is left for another log-in", async () => {
  const { dialog } = await open({ ...needed, methods: ["totp", "recovery_code", "log_in"], providers: [] });
  expect(dialog.find("[name=code]").exists()).toBe(true);
  expect(dialog.find("[name=password]").exists()).toBe(false);
  page?.unmount();
  const other = await open({ ...needed, methods: ["log_in"], providers: [] });
  expect(other.dialog.text()).toContain("Log in again");
});

it("gives up by Escape and by a second question, and the call fails as it was refused", async () => {
  const { dialog, proof } = await open();
  await dialog.get("[role=dialog]").trigger("keydown", { key: "Escape" });
  expect(await proof).toBeUndefined();
  const first = askForProof(needed);
  void askForProof({ ...needed, action: "bindings" });
  expect(await first).toBeUndefined();
  answers["DELETE /user/sessions/"] = () => problem(403, "forbidden", "No.");
  await expect(api().endOtherSessions()).rejects.toThrow("No.");
});
