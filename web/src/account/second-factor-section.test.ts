import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Answer, type ApiUnderTest, answerWith, openPage } from "../../test/support/page-under-test.ts";
import { startSession } from "../session.ts";
import { stepUpQuestion } from "../step-up.ts";
import SecondFactorSection from "./SecondFactorSection.vue";

const url = "/user/second-factor/";
const begun = { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP" };
const codes = ["AAAAA-22222", "BBBBB-33333"];
let status: object;
let answers: Record<string, () => Answer>;
let api: ApiUnderTest;
let page: VueWrapper | undefined;

const on = (methods: readonly string[], required = false) => ({
  ...{ enabled: true, required, since: "2026-11-20T12:05:00Z", recovery_codes_left: 8, methods },
});
const needed = () =>
  Response.json(
    {
      ...{ code: "reauthentication_required", title: "Confirm first.", status: 403 },
      ...{
        action: "second_factor",
        methods: ["passkey", "recovery_code", "log_in"],
        providers: [],
        email: null,
      },
    },
    { status: 403, headers: { "content-type": "application/problem+json" } },
  );

beforeEach(() => {
  answers = {
    [`GET ${url}`]: () => Response.json(status),
    [`POST ${url}`]: () => Response.json(begun),
    [`POST ${url}confirm/`]: () => Response.json({ recovery_codes: [] }),
    [`POST ${url}replacement/`]: () => Response.json(begun),
    [`POST ${url}replacement/confirm/`]: () => Response.json({ message: "OK" }),
    [`POST ${url}recovery-codes/`]: () => Response.json({ recovery_codes: codes }),
    [`POST ${url}remove/`]: () => Response.json({ message: "OK" }),
  };
});
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(): Promise<VueWrapper> {
  api = answerWith(answers);
  startSession({ token: "t", username: "python01", userId: 7 }, false);
  page = (await openPage(SecondFactorSection, "/account/second-factor")).page;
  return page;
}
const press = async (shown: VueWrapper, words: string) => {
  await shown
    .findAll("button")
    .find((button) => button.text() === words)!
    .trigger("click");
  await flushPromises();
};
const typeCode = async (shown: VueWrapper, code: string) => {
  await shown.get("input[name=code]").setValue(code);
  await shown.get("form").trigger("submit");
  await flushPromises();
};

it("moves the app to another phone, and says so", async () => {
  status = on(["totp", "recovery_code"]);
  const shown = await open();
  await press(shown, "Move the app to another phone");
  expect(shown.get(".secret code").text()).toBe("JBSW Y3DP EHPK 3PXP");
  expect(shown.text()).toContain("counts until you confirm");
  await typeCode(shown, "492039");
  expect(api.calls().slice(1)).toEqual([
    ...[`POST ${url}replacement/`, `POST ${url}replacement/confirm/`, `GET ${url}`],
  ]);
  expect(shown.text()).toContain("From now on the codes of that app count.");
  expect(document.activeElement?.id).toBe("second-factor-title");
});

it("adds one beside a passkey, whose recovery codes go on being good; can be left", async () => {
  status = on(["passkey", "recovery_code"]);
  const shown = await open();
  await press(shown, "Add an authenticator app");
  await press(shown, "Cancel");
  expect(shown.find(".qr").exists()).toBe(false);
  await press(shown, "Add an authenticator app");
  await typeCode(shown, "492039");
  expect(api.calls()).toContain(`POST ${url}confirm/`);
  expect(shown.find(".recovery-codes").exists()).toBe(false);
  expect(shown.text()).toContain("From now on the codes of that app count.");
});

it("shows other recovery codes, and switches it off", async () => {
  status = on(["totp", "recovery_code"]);
  const shown = await open();
  await press(shown, "Other recovery codes");
  expect(shown.findAll(".recovery-codes code").map((code) => code.text())).toEqual(codes);
  await press(shown, "I have kept them");
  await press(shown, "Switch it off");
  expect(api.calls()).toContain(`POST ${url}remove/`);
  expect(shown.text()).toContain("is off");
});

it("asks for a code or a passkey before any of them, and goes on with the proof", async () => {
  status = on(["passkey", "recovery_code"], true);
  answers[`POST ${url}recovery-codes/`] = needed;
  const shown = await open();
  expect(shown.find(".button.danger").exists(), "whoever must have one").toBe(false);
  await press(shown, "Other recovery codes");
  expect(stepUpQuestion.value?.needed).toMatchObject({ action: "second_factor" });
  answers[`POST ${url}recovery-codes/`] = () => Response.json({ recovery_codes: codes });
  stepUpQuestion.value?.settle("proof");
  await flushPromises();
  expect(shown.findAll(".recovery-codes code")).toHaveLength(2);

  await press(shown, "I have kept them");
  answers[`POST ${url}`] = needed;
  await press(shown, "Add an authenticator app");
  stepUpQuestion.value?.settle(undefined);
  await flushPromises();
  expect(shown.get("[role=alert]").text()).toContain("Confirm first.");
  expect(shown.find(".qr").exists()).toBe(false);
});
