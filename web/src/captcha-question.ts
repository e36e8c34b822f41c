/**
 * A vendor's captcha that waits for the reader: the call that was refused for it waits in the dialog (ui/CaptchaDialog.vue), and
 * is then sent again with the token. The page that made it notices nothing, and nothing that was typed is lost.
 */
import type { CaptchaNeeded } from "@meiduo/client";
import { shallowReadonly, shallowRef } from "vue";

export interface CaptchaQuestion {
  readonly needed: CaptchaNeeded;
  /** Whether an answer was sent before, and refused. */
  readonly isAgain: boolean;
  /** A token; null where the widget can't be had, so that the API has the reader wait; undefined where the reader would not. */
  settle(token: string | null | undefined): void;
}

const state = shallowRef<CaptchaQuestion | null>(null);

/** What the dialog asks now; null for nothing. */
export const captchaQuestion = shallowReadonly(state);

export function askForCaptcha(needed: CaptchaNeeded, isAgain: boolean): Promise<string | null | undefined> {
  state.value?.settle(undefined);
  return new Promise((resolve) => {
    const question: CaptchaQuestion = {
      ...{ needed, isAgain },
      settle(token) {
        if (state.value === question) state.value = null;
        resolve(token);
      },
    };
    state.value = question;
  });
}
