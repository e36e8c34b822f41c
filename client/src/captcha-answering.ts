/** Answering a captcha within a call: what a caller brings for it, and what the call shows of it when it is sent again. */
import type { ApiError, CaptchaNeeded } from "./api-error.ts";

export interface CaptchaAnswering {
  /** The kinds it can answer, such as `altcha`. */
  readonly kinds: readonly string[];
  /**
   * Resolves with what the API is to check, and the call is sent again with it; with null where the captcha can't be had now: the
   * call is sent again as that of a client that can't answer, and may have to wait; with undefined where nobody answers: the call
   * rejects as it was refused. Asked once more, with `isAgain`, where the API refused the first answer.
   */
  answer(needed: CaptchaNeeded, isAgain: boolean): Promise<string | null | undefined>;
}

/** `token` is null before there is one; `canAnswer` is false once the captcha could not be had. */
export interface ShownCaptcha {
  readonly token: string | null;
  readonly handle: string | undefined;
  readonly canAnswer: boolean;
  /** How often it was asked for. */
  readonly asked: number;
}

/** A refused answer may be a mistake; two are an answer to the reader. */
const captchaTries = 2;

export const noCaptchaYet: ShownCaptcha = { token: null, handle: undefined, canAnswer: true, asked: 0 };

/** Whether the call was refused for a captcha that can still be answered. */
export function mayAnswer(
  captcha: CaptchaAnswering | undefined,
  error: ApiError,
  { asked }: ShownCaptcha,
): captcha is CaptchaAnswering {
  return captcha !== undefined && error.captcha !== undefined && asked < captchaTries;
}

/** What is shown after the captcha was asked for once more. Rejects with the error where nobody answers it. */
export async function answered(
  captcha: CaptchaAnswering,
  error: ApiError,
  { asked }: ShownCaptcha,
): Promise<ShownCaptcha> {
  const token = await captcha.answer(error.captcha!, asked > 0);
  if (token === undefined) throw error;
  return { token, handle: error.captcha!.handle, canAnswer: token !== null, asked: asked + 1 };
}

/** What the API is told: what this client can answer, and the answer. */
export function captchaHeaders(
  captcha: CaptchaAnswering | undefined,
  { token, handle, canAnswer }: ShownCaptcha,
): Readonly<Record<string, string>> {
  if (captcha === undefined) return {};
  return {
    "x-meiduo-captcha-kinds": canAnswer ? captcha.kinds.join(",") : "",
    ...(token !== null && { "x-meiduo-captcha": token }),
    ...(token !== null && handle !== undefined && { "x-meiduo-captcha-handle": handle }),
  };
}
