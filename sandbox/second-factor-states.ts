import { sampleUser } from "./page-samples.ts";
import type { Answers, PageState } from "./previewed-state.ts";

/** Of a second factor: the device that is trusted with it, and the account that must have one. */
const submit = "form [type=submit]";
const waiting = { step: "sample", next: "/", remember: false };
const waits = (more: object) => ({ "meiduo.second-step": { ...waiting, ...more } });

const setUp = {
  path: "/second-factor/setup",
  remembers: waits({ enrols: true }),
  answers: {
    "POST /users/second-factor/enrolment/": {
      body: { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/zhang_san?secret=JBSWY3DPEHPK3PXP" },
    },
    "POST /users/second-factor/enrolment/confirm/": {
      body: {
        ...{ token: "sample", user_id: 7, username: sampleUser.username },
        recovery_codes: Array.from({ length: 10 }, (_, at) => `sample-code-${at}`),
      },
    },
  },
} satisfies Partial<PageState>;

export const waitingStates: readonly PageState[] = [
  {
    ...{ name: "second-factor-trust", path: "/second-factor", shows: "[name=remember_device]" },
    remembers: waits({ rememberDays: 30 }),
  },
  { name: "second-factor-setup", ...setUp, shows: ".qr" },
  {
    ...{ name: "second-factor-setup-codes", ...setUp, shows: ".recovery-codes" },
    acts: [["[name=code]", "123456"], [submit]],
  },
  {
    ...{ name: "second-factor-setup-choice", ...setUp, shows: ".factor-choices" },
    remembers: waits({ enrols: true, methods: ["passkey", "totp"] }),
    passkeys: true,
  },
  { name: "second-factor-setup-over", path: "/second-factor/setup", shows: ".notice.warn" },
];

/** Of somebody who is logged in; `user` answers who that is. */
export const demandedStates = (user: Answers): readonly Omit<PageState, "isLoggedIn">[] => [
  {
    ...{ name: "second-factor-due", path: "/", shows: "#second-factor-due-title" },
    answers: {
      "GET /user/": { body: { ...sampleUser, second_factor_due: "2026-12-13T08:00:00.000Z" } },
    },
  },
  {
    ...{ name: "second-factor-required", path: "/account/second-factor", shows: ".home-actions .button" },
    answers: {
      ...user,
      "GET /user/second-factor/": {
        body: {
          ...{ enabled: true, required: true, since: "2026-11-20T12:05:00.000Z", recovery_codes_left: 8 },
          methods: ["passkey", "recovery_code"],
        },
      },
    },
  },
];
