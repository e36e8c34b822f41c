import { createHash } from "node:crypto";
import { warnOnceAnHour } from "../engines/kv/alarm.ts";
import { createGrowingWait } from "../engines/kv/growing-wait.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { waitRule } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import {
  type Captcha,
  type CaptchaSubject,
  type CaptchaVerdict,
  captchaLifeSeconds,
  captchaTokenLimit,
} from "./captcha.ts";

/**
 * Where there is a risk, a client that says it can answer a captcha is asked for one, and every other one waits, longer each
 * time. Promises: an answer passes once, for one purpose and address (guard: captcha.race.test.ts); nothing is counted for who
 * is asked; a vendor that doesn't answer keeps SMS back, and lets a log-in go on at the pace of those who can't answer.
 */
export interface CaptchaGate {
  /**
   * Errors: `captcha_required`, whose answer has what is to be answered; `captcha_unavailable`; `throttled` for a client that
   * can't answer, with the seconds until it gets a try.
   */
  expect(about: CaptchaSubject, shown: ShownCaptcha, options: CaptchaOptions): Promise<void>;
}

/** What a request shows of it (captcha-headers.ts). */
export interface ShownCaptcha {
  /** What the client says it can answer. */
  readonly kinds: readonly string[];
  readonly token: string | null;
  /** What came with the question, of vendors (captcha-handle.ts). */
  readonly handle: string | null;
  readonly clientAddress: string;
}

export interface CaptchaOptions {
  /** Whose waits grow: hashed. */
  readonly subject: string;
  readonly whenUnavailable: "refuse" | "pass";
}

export type CaptchaOutcome = CaptchaVerdict | "asked" | "waited";

export interface CaptchaGateDeps {
  /** Null: nobody is asked, everybody waits. */
  readonly captcha: Captcha | null;
  readonly kv: KeyValue;
  readonly log: Pick<Log, "warn">;
  /** For metrics. */
  readonly onOutcome?: ((kind: string, outcome: CaptchaOutcome) => void) | undefined;
}

/** A handle is shorter; more is nobody's. */
const handleLimit = 100;

/** Of clients that can't answer: one try, then one after each wait. */
export const captchaWaits = { ...waitRule("captcha"), refusesFirst: false };

export function createCaptchaGate({ captcha, kv, log, onOutcome }: CaptchaGateDeps): CaptchaGate {
  const waits = createGrowingWait(kv, captchaWaits);

  async function isUsedUp(shown: string): Promise<boolean> {
    const spent = key("once", createHash("sha256").update(shown).digest("base64url").slice(0, 22), "captcha");
    return (await kv.add(spent, "1", captchaLifeSeconds)).refused;
  }

  /** A stranger's odd token may be what the vendor trips over. */
  const warn = (kind: string) =>
    warnOnceAnHour(
      { kv, log },
      "captcha-unavailable",
      { alarm: "captcha_unavailable", captcha: kind },
      "the captcha's vendor did not answer",
    );

  return {
    async expect(about, { kinds, token, handle, clientAddress }, { subject, whenUnavailable }) {
      if (captcha === null || !kinds.includes(captcha.kind)) {
        onOutcome?.(captcha?.kind ?? "none", "waited");
        await waits.take({ subject });
        return;
      }
      const ask = async () => {
        onOutcome?.(captcha.kind, "asked");
        return new AppError("captcha_required", {
          answer: { code: "captcha_required", captcha: await captcha.ask(about) },
        });
      };
      if (token === null || token.length > captchaTokenLimit) throw await ask();
      if (handle !== null && handle.length > handleLimit) throw await ask();
      const verdict = await captcha.verify({ ...about, token, handle, clientAddress });
      onOutcome?.(captcha.kind, verdict);
      if (verdict === "unavailable") {
        await warn(captcha.kind);
        // Open, but not without end: one try, and one after each wait.
        if (whenUnavailable === "pass") {
          await waits.take({ subject });
          return;
        }
        throw new AppError("captcha_unavailable", { retryAfterSeconds: 30 });
      }
      // After the verdict, so that nobody uses up somebody else's; of two at once one is the first here.
      if (verdict === "refused" || (await isUsedUp(captcha.idOf?.(token) ?? token))) throw await ask();
      if (handle !== null && (await isUsedUp(handle))) throw await ask();
    },
  };
}
