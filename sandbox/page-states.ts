import { joiningStates, joinLogInStates } from "./joining-states.ts";
import { logInHistory, logInHistoryStates } from "./log-in-history-states.ts";
import { numberStates } from "./number-states.ts";
import { keepStates, ownDataStates } from "./own-data-states.ts";
import {
  sampleBinding,
  sampleDevices,
  sampleFields,
  sampleFirstLogIn,
  samplePasskeys,
  sampleProvider,
  sampleSessions,
  sampleUser,
} from "./page-samples.ts";
import type { Answers, PageState } from "./previewed-state.ts";
import { demandedStates, waitingStates } from "./second-factor-states.ts";

const heading = "h1[tabindex]";
const submit = "form [type=submit]";
const mistakes = "[aria-invalid=true]";
const codeNote = ".field-note[role=status]:not(:empty)";
const bad = ".notice.bad";
const ok = { body: { message: "OK" } };

const nameIsFree: Answers = {
  "GET /users/usernames/zhang_san/count/": { body: { username: "zhang_san", count: 0 } },
  "GET /users/emails/zhang@example.com/count/": { body: { email: "zhang@example.com", count: 0 } },
};
const codeSent: Answers = { "GET /verifications/email_codes/zhang@example.com/": ok };
const logInForm = [
  ["[name=username]", "zhang_san"],
  ["[name=password]", "three quiet lanterns"],
  [submit],
] as const;
const askForCode = [["[name=email]", "zhang@example.com"], [".field-button"]] as const;

const logIn: readonly PageState[] = [
  { name: "log-in", path: "/login", shows: submit },
  { name: "log-in-needed", path: "/login?reason=needed&next=/account", shows: ".notice.warn" },
  { name: "log-in-expired", path: "/login?reason=expired", shows: ".notice.warn" },
  { name: "logged-out", path: "/login?reason=loggedOut", shows: ".notice.good" },
  ...joinLogInStates,
  { name: "deletion-asked", path: "/login?reason=deletionAsked", shows: ".notice.good" },
  { name: "password-changed", path: "/login?reason=passwordChanged", shows: ".notice.good" },
  { name: "log-in-mistakes", path: "/login", acts: [[submit]], shows: mistakes },
  ...(
    [
      ["log-in-refused", { error: "wrong_credentials" }],
      ["log-in-throttled", { error: "throttled", retryAfterSeconds: 30 }],
      ["log-in-busy", { error: "busy", retryAfterSeconds: 5 }],
      ["log-in-failed", { error: "internal" }],
    ] as const
  ).map(([name, answer]) => ({
    ...{ name, path: "/login", acts: logInForm, shows: bad },
    answers: { "POST /users/authorizations/": answer },
  })),
];

const codeLogIn: readonly PageState[] = [
  { name: "code-log-in", path: "/login/code", shows: submit, signUp: { codeLogIn: ["email", "mobile"] } },
  {
    ...{ name: "code-log-in-number", path: "/login/code", shows: "[name=sms_code]" },
    signUp: { codeLogIn: ["mobile"] },
  },
  {
    ...{ name: "code-log-in-new", path: "/login/code", shows: "[name=allow]" },
    signUp: { mode: "open", codeLogIn: ["email"] },
    acts: [["[name=email]", "zhang@example.com"], ["[name=email_code]", "A7K9Q2"], [submit]],
    answers: { "POST /users/codes/sign-in/": { error: "sign_up_needed" } },
  },
  {
    ...{ name: "code-log-in-stale-number", path: "/login/code", shows: "[name=current_password]" },
    signUp: { mode: "open", by: ["mobile"], codeLogIn: ["mobile"] },
    acts: [["[name=mobile]", "13800138000"], ["[name=sms_code]", "402758"], [submit]],
    answers: { "POST /users/codes/sign-in/": { error: "number_stale" } },
  },
  { name: "code-log-in-off", path: "/login/code", shows: ".notice.warn", signUp: { codeLogIn: [] } },
];

const signUp: readonly PageState[] = [
  { name: "sign-up", path: "/register", signUp: { mode: "open" }, shows: submit },
  {
    name: "sign-up-number-alone",
    path: "/register",
    signUp: { mode: "open", by: ["mobile"] },
    shows: "[name=sms_code]",
  },
  {
    ...{ name: "sign-up-countries", path: "/register", shows: "#mobile-country" },
    signUp: {
      ...{ mode: "open", by: ["mobile"] },
      countries: [
        { country: "CN", callingCode: "86" },
        { country: "HK", callingCode: "852" },
      ],
    },
  },
  {
    ...{ name: "sign-up-mistakes", path: "/register", signUp: { mode: "open" }, shows: mistakes },
    acts: [["[name=username]", "ab"], ["[name=password]", "short"], [submit]],
  },
  {
    ...{ name: "sign-up-code-sent", path: "/register", signUp: { mode: "open" } },
    acts: [["[name=username]", "zhang_san"], ...askForCode, ["[name=password]", "three quiet lanterns"]],
    answers: { ...nameIsFree, ...codeSent },
    shows: codeNote,
  },
  {
    ...{ name: "sign-up-taken", path: "/register", signUp: { mode: "open" } },
    acts: [["[name=email]", "zhang@example.com"]],
    answers: {
      "GET /users/emails/zhang@example.com/count/": { body: { email: "zhang@example.com", count: 1 } },
    },
    shows: ".field-note.wrong a",
  },
  {
    ...{ name: "sign-up-fields", path: "/register", shows: "[name='fields.company']" },
    signUp: { mode: "open", username: "optional", fields: sampleFields },
  },
  {
    ...{ name: "sign-up-age", path: "/register", shows: "[name=guardian_contact]" },
    signUp: { mode: "open", age: "guardian", choices: { marketing: "2026-11" } },
    acts: [["[name=age_declared][value=guardian_agrees]"]],
  },
  {
    ...{ name: "sign-up-age-refused", path: "/register", shows: mistakes, acts: [[submit]] },
    signUp: { mode: "open", age: "refuse" },
  },
  {
    ...{ name: "sign-up-invited", path: "/register#invitation=sample_invitation_0001", shows: submit },
    signUp: { mode: "invitation" },
    answers: {
      "POST /users/invitations/": { body: { email: "zhang@example.com", expires: "2026-11-29T12:05:00Z" } },
    },
  },
  {
    name: "sign-up-by-invitation",
    path: "/register",
    signUp: { mode: "invitation" },
    shows: ".form-links a",
  },
  {
    ...{ name: "invitation-refused", path: "/register#invitation=sample_invitation_0001", shows: bad },
    signUp: { mode: "invitation" },
    answers: {
      "POST /users/invitations/": {
        error: "invalid_fields",
        fields: [{ field: "invitation", code: "invitation_invalid" }],
      },
    },
  },
  {
    ...{ name: "sign-up-number", path: "/register", shows: "[name=sms_code]" },
    signUp: { mode: "open", by: ["mobile", "email"] },
  },
  { name: "sign-up-closed", path: "/register", signUp: { mode: "closed" }, shows: ".form-links a" },
];

const callback = `/oauth/callback/${sampleProvider.name}`;
const identify = `GET /oauth/${sampleProvider.name}/user/`;
const backFromProvider = {
  path: `${callback}?code=sample&state=sample`,
  answers: { [identify]: { body: sampleFirstLogIn } },
  remembers: {
    "meiduo.departure": {
      provider: sampleProvider.name,
      userId: null,
      next: "/",
      remember: false,
      state: "sample",
    },
  },
} satisfies Partial<PageState>;

const thirdParty: readonly PageState[] = [
  { name: "first-log-in", ...backFromProvider, signUp: { mode: "open" }, shows: ".ways" },
  {
    ...{ name: "first-log-in-new", ...backFromProvider, signUp: { mode: "open" } },
    acts: [[".ways [value=create]"]],
    shows: "[name=username]",
  },
  { name: "first-log-in-closed", ...backFromProvider, signUp: { mode: "closed" }, shows: ".person" },
  {
    ...{ name: "third-party-cancelled", path: `${callback}?error=access_denied&state=sample` },
    answers: { [identify]: { error: "oauth_cancelled" } },
    shows: ".notice.warn",
  },
  { name: "third-party-stale", path: `${callback}?code=sample&state=other`, shows: bad },
  {
    ...{ name: "third-party-trouble", ...backFromProvider, shows: bad },
    answers: {
      [identify]: {
        error: "provider_trouble",
        parameters: { provider: sampleProvider.title.zh, providerEn: sampleProvider.title.en },
      },
    },
  },
];

const password: readonly PageState[] = [
  { name: "reset", path: "/forgot-password", shows: submit, sms: false },
  {
    ...{ name: "reset-stale-number", path: "/forgot-password", shows: "[name=factor_code]", sms: true },
    acts: [
      ...([["form .button.quiet"], ["[name=mobile]", "13800138000"], ["[name=sms_code]", "402758"]] as const),
      ...([
        ["[name=password]", "three quiet lanterns"],
        ["[name=password2]", "three quiet lanterns"],
        [submit],
      ] as const),
    ],
    answers: { "POST /users/password/": { error: "number_stale" } },
  },
  { name: "reset-number", path: "/forgot-password", shows: "form .button.quiet", sms: true },
  {
    ...{ name: "reset-code-sent", path: "/forgot-password", shows: codeNote },
    ...{ acts: askForCode, answers: codeSent },
  },
  {
    ...{ name: "reset-wrong-code", path: "/forgot-password", shows: bad },
    acts: [
      ...([
        ["[name=email]", "zhang@example.com"],
        ["[name=email_code]", "A7K9Q2"],
      ] as const),
      ...([
        ["[name=password]", "three quiet lanterns"],
        ["[name=password2]", "three quiet lanterns"],
        [submit],
      ] as const),
    ],
    answers: { "POST /users/password/": { error: "code_wrong" } },
  },
  { name: "not-me", path: "/not-me#sample", shows: ".button.danger" },
  {
    ...{ name: "not-me-done", path: "/not-me#sample", acts: [[".button.danger"]], shows: ".notice.good" },
    answers: { "POST /user/sessions/disown/": { body: { mailed: true } } },
  },
  {
    ...{ name: "not-me-refused", path: "/not-me#sample", acts: [[".button.danger"]], shows: bad },
    answers: { "POST /user/sessions/disown/": { error: "link_invalid" } },
  },
];

const halfWay = {
  path: "/second-factor",
  remembers: { "meiduo.second-step": { step: "sample", next: "/", remember: false } },
} satisfies Partial<PageState>;

const lostFactor = (body: { state: "none" | "asked" | "ripe"; refusal?: string }) => {
  const isOpen = body.state !== "none";
  const times = {
    ripe_at: isOpen ? "2026-11-30T12:05:00.000Z" : null,
    lapses_at: isOpen ? "2026-12-07T12:05:00.000Z" : null,
  };
  return {
    ...{ ...halfWay, path: "/second-factor/lost" },
    answers: {
      "POST /users/second-factor/lost/": {
        body: { refusal: null, delay_seconds: 86_400, ...times, ...body },
      },
      "POST /users/second-factor/lost/finish/": ok,
    },
  };
};

const secondFactor: readonly PageState[] = [
  { name: "second-factor", ...halfWay, shows: submit },
  {
    ...{ name: "second-factor-wrong", ...halfWay, acts: [["[name=code]", "123456"], [submit]], shows: bad },
    answers: { "POST /users/second-factor/": { error: "second_factor_wrong" } },
  },
  ...(
    [
      ["lost-factor", { state: "none" }, ".lost-factor-how"],
      ["lost-factor-asked", { state: "asked" }, ".notice.good"],
      ["lost-factor-refused", { state: "none", refusal: "password_reset" }, ".notice.warn"],
    ] as const
  ).map(([name, body, shows]) => ({ name, ...lostFactor(body), shows })),
  { name: "lost-factor-ripe", ...lostFactor({ state: "ripe" }), shows: "main .button" },
  {
    ...{ name: "lost-factor-sure", ...lostFactor({ state: "ripe" }) },
    ...{ acts: [["main .button"]], shows: ".button.danger" },
  },
  {
    ...{ name: "lost-factor-done", ...lostFactor({ state: "ripe" }) },
    ...{ acts: [["main .button"], [".button.danger"]], shows: "main a[href$='/login']" },
  },
  { name: "lost-factor-over", path: "/second-factor/lost", shows: ".notice.warn" },
  { name: "lost-factor-cancel", path: "/lost-factor#sample", shows: ".button.danger" },
  ...(
    [
      ["cancelled", ".notice.good"],
      ["done", bad],
    ] as const
  ).map(([state, shows]) => ({
    ...{
      name: `lost-factor-${state}-by-mail`,
      path: "/lost-factor#sample",
      shows,
    },
    acts: [[".button.danger"]] as const,
    answers: { "POST /users/second-factor/lost/cancel/": { body: { state } } },
  })),
  ...waitingStates,
  { name: "second-factor-over", path: "/second-factor", shows: ".notice.warn" },
];

const user: Answers = {
  "GET /user/": { body: sampleUser },
  "GET /user/bindings/": { body: { bindings: [] } },
};
const saved: Answers = { ...user, "PATCH /user/": { body: sampleUser } };

const enrol = [[submit], ["[name=code]", "123456"], [submit]] as const;

const sampleEnrolment = (enabled: boolean): Answers => ({
  "GET /user/second-factor/": {
    body: {
      enabled,
      required: false,
      since: enabled ? "2026-11-20T12:05:00.000Z" : null,
      recovery_codes_left: enabled ? 8 : 0,
      methods: enabled ? ["totp", "recovery_code"] : [],
    },
  },
  "POST /user/second-factor/": {
    body: { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/zhang_san?secret=JBSWY3DPEHPK3PXP" },
  },
  "POST /user/second-factor/replacement/": {
    body: { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/zhang_san?secret=JBSWY3DPEHPK3PXP" },
  },
  "POST /user/second-factor/confirm/": {
    body: { recovery_codes: Array.from({ length: 10 }, (_, at) => `sample-code-${at}`) },
  },
});

const first = `[data-passkey=${samplePasskeys[0]!.id}]`;

const personal: readonly Omit<PageState, "isLoggedIn">[] = [
  { name: "home", path: "/", shows: ".facts", answers: user },
  {
    ...{ name: "terms-due", path: "/", shows: "#terms-due-title" },
    answers: {
      "GET /user/": { body: { ...sampleUser, terms_due: [{ document: "terms", version: "2026-11" }] } },
    },
  },
  {
    ...{ name: "age-due", path: "/", shows: "#age-due-title", signUp: { age: "guardian" } },
    answers: { "GET /user/": { body: { ...sampleUser, age_due: true } } },
  },
  ...demandedStates(user),
  { name: "profile", path: "/account", shows: submit, answers: user },
  { name: "profile-saved", path: "/account", acts: [[submit]], shows: ".notice.good", answers: saved },
  {
    ...{ name: "profile-fields", path: "/account", shows: "[name='fields.company']" },
    ...{ answers: user, signUp: { fields: sampleFields } },
  },
  { name: "contact", path: "/account/contact", shows: submit, answers: user, sms: false },
  ...numberStates(user),
  {
    ...{ name: "mobile-unproved", path: "/account/contact", shows: "[name=sms_code]", sms: true },
    answers: { "GET /user/": { body: { ...sampleUser, mobile_verified: false } } },
  },
  {
    ...{ name: "mobile-code-sent", path: "/account/contact", shows: codeNote, sms: true },
    answers: { ...user, "GET /verifications/sms_codes/13800138000/": ok },
    acts: [["[name=mobile]", "13800138000"], [".field:has([name=sms_code]) .field-button"]],
  },
  { name: "password", path: "/account/password", shows: submit, answers: user },
  ...(
    [
      { name: "second-factor-off", acts: [], shows: submit, enabled: false },
      { name: "second-factor-begun", acts: [[submit]], shows: ".qr", enabled: false },
      { name: "second-factor-on", acts: [], shows: ".button.danger", enabled: true },
      { name: "second-factor-move", acts: [[".home-actions button"]], shows: ".qr", enabled: true },
      { name: "recovery-codes", acts: enrol, shows: ".recovery-codes", enabled: false },
    ] as const
  ).map(({ name, acts, shows, enabled }) => ({
    ...{ name, acts, shows, path: "/account/second-factor" },
    answers: { ...user, ...sampleEnrolment(enabled) },
  })),
  ...(
    [
      { name: "passkeys", own: samplePasskeys, acts: [], shows: ".passkey" },
      { name: "passkeys-none", own: [], acts: [], shows: "#passkeys-title + .soft" },
      {
        name: "passkey-name",
        own: samplePasskeys,
        acts: [[`${first} button`]],
        shows: "[name=passkey_name]",
      },
      {
        name: "passkey-remove",
        own: samplePasskeys,
        acts: [[`${first} button + button`]],
        shows: ".passkey-ask",
      },
    ] as const
  ).map(({ own, ...state }) => ({
    ...{ ...state, path: "/account/passkeys" },
    answers: {
      ...{ ...user, ...sampleEnrolment(false) },
      "GET /user/passkeys/": { body: { passkeys: own, rp_id: "localhost", user_handle: "sample" } },
    },
  })),
  {
    ...{ name: "devices", path: "/account/devices", shows: ".session" },
    answers: {
      ...user,
      "GET /user/sessions/": { body: { sessions: sampleSessions } },
      "GET /user/remembered-devices/": { body: { devices: sampleDevices } },
      ...logInHistory,
    },
  },
  ...(
    [
      [
        "step-up",
        { methods: ["password", "provider", "email_code", "log_in"], providers: [sampleProvider.name] },
      ],
      ["step-up-code", { methods: ["totp", "recovery_code", "log_in"], providers: [] }],
      ["step-up-mail", { methods: ["email_code", "log_in"], providers: [] }],
      ["step-up-log-in", { methods: ["log_in"], providers: [] }],
    ] as const
  ).map(([name, offered]) => ({
    ...{ name, path: "/account/devices", acts: [[".card > .button.danger"]] as const, shows: ".step-up" },
    answers: {
      ...user,
      "GET /user/sessions/": { body: { sessions: sampleSessions } },
      "DELETE /user/sessions/": {
        ...{ error: "reauthentication_required" as const, parameters: { maxAge: 900 } },
        answer: {
          code: "reauthentication_required",
          action: "sessions",
          email: "z***@example.com",
          ...offered,
        },
      },
    },
  })),
  {
    ...{ name: "step-up-proved", path: "/account/devices?proved=yes", shows: ".notice.good" },
    answers: { ...user, "GET /user/sessions/": { body: { sessions: sampleSessions } } },
  },
  {
    ...{ name: "bindings", path: "/account/bindings", shows: ".binding" },
    answers: { ...user, "GET /user/bindings/": { body: { bindings: [sampleBinding] } } },
  },
  {
    ...{
      name: "unbind",
      path: "/account/bindings",
      shows: ".binding-ask",
      acts: [[`[data-binding=${sampleProvider.name}] button`]],
    },
    answers: { ...user, "GET /user/bindings/": { body: { bindings: [sampleBinding] } } },
  },
  ...logInHistoryStates.map((state) => ({ ...state, answers: { ...user, ...state.answers } })),
  ...[...ownDataStates, ...joiningStates].map((state) => ({
    ...state,
    answers: { ...user, ...state.answers },
  })),
  {
    ...{ name: "account-failed", path: "/account", shows: bad },
    answers: { "GET /user/": { error: "internal" } },
  },
];

const others: readonly PageState[] = [
  { name: "visitor", path: "/", shows: ".home-actions", signUp: { mode: "open" } },
  { name: "visitor-closed", path: "/", shows: ".home-actions", signUp: { mode: "closed" } },
  { name: "terms", path: "/terms", shows: ".terms section" },
  { name: "account-deletion", path: "/account-deletion", shows: ".terms section" },
  { name: "error", path: "/error?request=sample-0001", shows: ".lost code" },
  { name: "offline", path: "/error?reason=offline", shows: ".lost button" },
  { name: "not-found", path: "/no-such-page", shows: `.lost ${heading}` },
];

/**
 * Every state that a page of the site can be in, for `/sandbox/brand/` and for the tests that look at each. A new page, or
 * a new state of one, gets its line here.
 */
export const pageStates: readonly PageState[] = [
  ...others,
  ...logIn,
  ...codeLogIn,
  ...signUp,
  ...thirdParty,
  ...password,
  ...secondFactor,
  ...keepStates,
  ...personal.map((state) => ({ ...state, isLoggedIn: true })),
];
