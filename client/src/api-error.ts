/**
 * Every failure of a call is one ApiError, so that a caller has one thing to catch and one word to branch on.
 *
 * `code` is either a code of the server's registry (docs/errors.md) or one of the client's own below. Codes never
 * change; `message` is text for people in the language asked for. Nothing the caller sent (passwords, tokens) is kept.
 */

import type { ExchangeAnswer } from "./exchange.ts";

/** Failures the server never saw or could not word. */
export type ClientErrorCode =
  /** No answer: no network, the address is wrong, or the server refuses this origin (CORS). */
  | "network"
  /** No answer within the time-out. Whether the server did the work is unknown. */
  | "timeout"
  /** The caller's AbortSignal fired. */
  | "aborted"
  /** An answer that is not the API's: a proxy's page, a captive portal. */
  | "not_the_api"
  /** There is no fetch here, and neither one nor a transport was given to the client: nothing was sent. */
  | "no_fetch";

/** One thing wrong with one field of the request. */
export interface FieldError {
  /** Name of the field as it is sent, for example `email_code`. */
  readonly field: string;
  /** For example `username_taken`. */
  readonly code: string;
  /** Text for people. */
  readonly message: string;
}

/** Of `reauthentication_required`: for what the owner has to prove themselves again, and by what they can. */
export interface StepUpNeeded {
  /** Name it to `reauthenticate`; its proof is good for one call of that kind. */
  readonly action: string;
  /** `password`, `totp`, `recovery_code`, `passkey`, `provider`, `email_code`, `log_in`. */
  readonly methods: readonly string[];
  /** Names of the third parties that count, for `provider`. */
  readonly providers: readonly string[];
  /** Where a code would be mailed, shortened. */
  readonly email: string | null;
}

/** Of `captcha_required`: what to answer before the call is sent again. */
export interface CaptchaNeeded {
  /** `altcha` (a proof of work), `turnstile`, `hcaptcha`, `geetest`, `tencent`, `aliyun`. */
  readonly kind: string;
  /** Of `altcha`: what to solve. */
  readonly challenge: unknown;
  /** Of a vendor: what its page script is given. */
  readonly siteKey: string | undefined;
  readonly action: string | undefined;
  readonly scene: string | undefined;
  /** Of a vendor that passes something on to its check: what binds the answer to this call. */
  readonly bound: string | undefined;
  /** Of a vendor: names what is asked for; the client sends it back with the token. */
  readonly handle: string | undefined;
}

export interface ApiErrorFacts {
  readonly code: string;
  readonly message: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status?: number;
  readonly fields?: readonly FieldError[];
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly step?: string | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly stepUp?: StepUpNeeded | undefined;
  readonly captcha?: CaptchaNeeded | undefined;
  readonly rememberDays?: number | undefined;
  readonly erasedAt?: string | undefined;
  readonly cause?: unknown;
}

export class ApiError extends Error {
  /** A code of docs/errors.md or a {@link ClientErrorCode}. */
  readonly code: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** What is wrong with which field; empty where the failure is about something else. */
  readonly fields: readonly FieldError[];
  /** Names the request in the server's log; show it to people who have to report the failure. */
  readonly requestId: string | undefined;
  /** Seconds after which trying again may succeed, where the server said so. */
  readonly retryAfterSeconds: number | undefined;
  /**
   * Of `second_factor_required`, `second_factor_enrolment_required` and `deletion_pending`: the log-in that waits, for
   * `secondFactor`, `beginEnrolment` and `keepAccount`. A secret, good for ten minutes in this browser.
   */
  readonly step: string | undefined;
  /** Of `second_factor_required`: what it takes (`passkey`, `totp`, `recovery_code`). */
  readonly methods: readonly string[];
  /** Of `reauthentication_required`: what to do before the call is sent again. */
  readonly stepUp: StepUpNeeded | undefined;
  /** Of `captcha_required`: what to answer before the call is sent again. */
  readonly captcha: CaptchaNeeded | undefined;
  /** Of `second_factor_required`: for how many days this device may be remembered; undefined where it may not. */
  readonly rememberDays: number | undefined;
  /** Of `deletion_pending`: from when on the account is erased. */
  readonly erasedAt: string | undefined;

  constructor(facts: ApiErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "ApiError";
    this.code = facts.code;
    this.status = facts.status ?? 0;
    this.fields = facts.fields ?? [];
    this.requestId = facts.requestId;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.step = facts.step;
    this.methods = facts.methods ?? [];
    this.stepUp = facts.stepUp;
    this.captcha = facts.captcha;
    this.rememberDays = facts.rememberDays;
    this.erasedAt = facts.erasedAt;
  }

  /** The problem of one field, or undefined. */
  field(name: string): FieldError | undefined {
    return this.fields.find((problem) => problem.field === name);
  }

  /** True where the token is missing, expired, revoked or not ours: the user has to log in again. */
  get needsLogIn(): boolean {
    return this.status === 401 && this.stepUp === undefined;
  }
}

/**
 * Reads an error answer: RFC 9457 where the server speaks it, else the tutorial's shapes
 * (`{"field":["text"]}`, `non_field_errors`, `message`, `detail`), which any server of that family answers.
 */
export function errorFromAnswer({ status, header }: ExchangeAnswer, body: unknown): ApiError {
  const answer = isRecord(body) ? body : {};
  const retryAfterSeconds = parseRetryAfter(header("retry-after"));
  const requestId = text(answer.requestId) ?? header("x-request-id") ?? undefined;
  const code = text(answer.code);
  if (code !== undefined) {
    const message = text(answer.detail) ?? text(answer.title) ?? code;
    return new ApiError({
      code,
      status,
      message,
      fields: problemFields(answer.fields),
      requestId,
      retryAfterSeconds,
      step: text(answer.step),
      methods: Array.isArray(answer.methods) ? answer.methods.filter((one) => typeof one === "string") : [],
      // Without an action the call itself takes the proof.
      ...(code === "reauthentication_required" && text(answer.action) !== undefined
        ? { stepUp: stepUpOf(answer) }
        : {}),
      ...(code === "captcha_required" && isRecord(answer.captcha)
        ? { captcha: captchaOf(answer.captcha) }
        : {}),
      erasedAt: text(answer.erased_at),
      rememberDays: typeof answer.remember_days === "number" ? answer.remember_days : undefined,
    });
  }
  const fields = tutorialFields(answer);
  const message =
    text(answer.message) ??
    text(answer.detail) ??
    firstText(answer.non_field_errors) ??
    fields[0]?.message ??
    `HTTP ${status}`;
  const guessed = isRecord(body)
    ? fields.length > 0
      ? "invalid_fields"
      : (codeByStatus[status] ?? "unknown")
    : "not_the_api";
  return new ApiError({ code: guessed, status, message, fields, requestId, retryAfterSeconds });
}

const codeByStatus: Readonly<Record<number, string>> = {
  401: "not_authenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  429: "throttled",
  500: "internal",
  503: "unavailable",
};

const flowKeys = new Set(["message", "detail", "non_field_errors", "status", "title", "type", "instance"]);

function stepUpOf({ action, methods, providers, email }: Record<string, unknown>): StepUpNeeded {
  return {
    action: text(action) ?? "",
    methods: texts(methods),
    providers: texts(providers),
    email: text(email) ?? null,
  };
}

function captchaOf({ kind, challenge, site_key, ...more }: Record<string, unknown>): CaptchaNeeded {
  return {
    kind: text(kind) ?? "",
    challenge,
    siteKey: text(site_key),
    action: text(more.action),
    scene: text(more.scene),
    bound: text(more.bound),
    handle: text(more.handle),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function problemFields(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((problem) => ({
    field: text(problem.field) ?? "",
    code: text(problem.code) ?? "invalid",
    message: text(problem.message) ?? "",
  }));
}

function tutorialFields(answer: Record<string, unknown>): FieldError[] {
  return Object.entries(answer).flatMap(([field, value]) => {
    const message = flowKeys.has(field) ? undefined : firstText(value);
    return message === undefined ? [] : [{ field, code: "invalid", message }];
  });
}

/** Retry-After (RFC 9110 section 10.2.3) in its form of seconds, the only one this API sends. */
export function parseRetryAfter(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value.trim()) ? Number(value) : undefined;
}

function firstText(value: unknown): string | undefined {
  return Array.isArray(value) ? text(value[0]) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
